//! Where Amazon's contract carries personal data.

/// Every field of the contract's Order that holds a buyer's or recipient's personal data.
///
/// Amazon's own list (name, relay address, gift message, design address, address lines, postcode, telephone, extended
/// fields) and what else tells who somebody is: town, firm, order number of their own, delivery wishes, tax registration.
pub const PERSONAL_PATHS_AMAZON: [&str; 36] = [
    "buyer.buyerName",
    "buyer.buyerEmail",
    "buyer.buyerCompanyName",
    "buyer.buyerPurchaseOrderNumber",
    "recipient.deliveryAddress.name",
    "recipient.deliveryAddress.companyName",
    "recipient.deliveryAddress.addressLine1",
    "recipient.deliveryAddress.addressLine2",
    "recipient.deliveryAddress.addressLine3",
    "recipient.deliveryAddress.city",
    "recipient.deliveryAddress.districtOrCounty",
    "recipient.deliveryAddress.municipality",
    "recipient.deliveryAddress.postalCode",
    "recipient.deliveryAddress.phone",
    "recipient.deliveryAddress.extendedFields.streetName",
    "recipient.deliveryAddress.extendedFields.streetNumber",
    "recipient.deliveryAddress.extendedFields.complement",
    "recipient.deliveryAddress.extendedFields.neighborhood",
    "recipient.deliveryPreference.dropOffLocation",
    "recipient.deliveryPreference.addressInstruction",
    "orderItems[].fulfillment.packing.giftOption.giftMessage",
    "orderItems[].product.customization.customizedUrl",
    "tax.taxRegistrations[].legalName",
    "tax.taxRegistrations[].taxRegistrationNumber",
    "tax.taxRegistrations[].taxRegistrationAddress.name",
    "tax.taxRegistrations[].taxRegistrationAddress.companyName",
    "tax.taxRegistrations[].taxRegistrationAddress.addressLine1",
    "tax.taxRegistrations[].taxRegistrationAddress.addressLine2",
    "tax.taxRegistrations[].taxRegistrationAddress.addressLine3",
    "tax.taxRegistrations[].taxRegistrationAddress.city",
    "tax.taxRegistrations[].taxRegistrationAddress.districtOrCounty",
    "tax.taxRegistrations[].taxRegistrationAddress.municipality",
    "tax.taxRegistrations[].taxRegistrationAddress.postalCode",
    "tax.taxRegistrations[].taxRegistrationAddress.phone",
    "tax.taxRegistrations[].taxRegistrationAddress.extendedFields.streetName",
    "tax.taxRegistrations[].taxRegistrationAddress.extendedFields.streetNumber",
];
