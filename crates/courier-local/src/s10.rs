//! Check digits of tracking numbers that a seller types in: UPU standard S10, two letters, eight digits, a check digit
//! and the country, for example `TT123456785GB`.

/// What a look at a tracking number says. A reason to warn, never to refuse: carriers have numbers of other forms, and
/// have been seen to print wrong digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum S10 {
    /// It has another form: nothing can be said.
    OtherForm,
    /// The check digit fits.
    Right,
    /// The check digit does not fit: most likely a typing error.
    Wrong {
        /// The digit, 0 to 9, that would fit.
        expected: u8,
    },
}

/// Weights of the eight digits.
const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// Looks at a number as it was typed: spaces and small letters are taken.
pub fn check(number: &str) -> S10 {
    let typed: Vec<u8> = number.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_uppercase()).collect();
    let [a, b, digits @ .., c, d] = typed.as_slice() else { return S10::OtherForm };
    let [serial @ .., check] = digits else { return S10::OtherForm };
    let form = [a, b, c, d].into_iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_digit);
    if !form || serial.len() != WEIGHTS.len() {
        return S10::OtherForm;
    }
    let sum: u32 = serial.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => u8::try_from(other).unwrap_or(0),
    };
    if check - b'0' == expected { S10::Right } else { S10::Wrong { expected } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_are_right_and_a_common_invention_is_not() {
        for number in ["TT123456785GB", "FQ087430672GB", "RA473124829GB", " ra 4731 2482 9 gb "] {
            assert_eq!(check(number), S10::Right, "{number}");
        }
        assert_eq!(check("RM123456789GB"), S10::Wrong { expected: 5 });
        for number in ["", "GB", "TT12345678GB", "1Z999AA10123456784", "TTT23456785GB", "TT1234567855GB", "ééTT1"] {
            assert_eq!(check(number), S10::OtherForm, "{number}");
        }
    }
}
