//! The OpenAPI description of the whole interface: paths from the table of endpoints, schemas from `dto`.

use http::StatusCode;
use serde_json::Value;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, Required,
    Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::dto::ErrorBody;
use crate::endpoint::Endpoint;
use crate::shape::{Answer, Schemas};

/// The name of the one security scheme.
const TOKEN: &str = "token";

/// What the document says of itself.
const ABOUT: &str = "The interface of an ordersync daemon. Moments are RFC 3339 in UTC, names are snake_case, and \
    every answer with a status of 400 or above is an ErrorBody. An endpoint is for the roles in its `x-roles`.";

/// Failures with a response of their own: name, status, what it means.
const FAILURES: [(&str, &str, &str); 4] = [
    ("Unauthorised", "401", "Nobody is known to be asking: the token is missing, wrong or no longer valid."),
    ("Forbidden", "403", "The caller's role may not do this."),
    ("Unprocessable", "422", "The request can be read, and what it asks for is not possible as asked."),
    (
        "Failure",
        "default",
        "400: the request cannot be read. 404: there is no such thing. 405: not this method. 409: it does not fit what \
         is there. 413: the body is too large. 415: the body is not JSON. 500: a fault. 503: try again later.",
    ),
];

/// The description of the whole interface in OpenAPI 3.1, as JSON on several lines. It is the same for everybody, and
/// holds nothing about an installation.
///
/// # Errors
/// None that is known: whatever serde makes of a document without maps of odd keys.
pub fn open_api_json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&document()?)
}

/// The same as a value.
pub(crate) fn document() -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(described())?;
    correct(&mut document);
    Ok(document)
}

/// What the derives cannot know: words of Rust in doc comments, and that no place of a tuple may be missing.
fn correct(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.replace("[`", "`").replace("`]", "`").replace("`None`", "`null`").replace('\n', " ");
            }
            if let Some(places) = fields.get("prefixItems").and_then(Value::as_array).map(Vec::len) {
                fields.insert("minItems".to_owned(), places.into());
            }
            fields.values_mut().for_each(correct);
        }
        Value::Array(parts) => parts.iter_mut().for_each(correct),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn described() -> OpenApi {
    let mut paths = Paths::new();
    let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
    ErrorBody::schemas(&mut schemas);
    for endpoint in Endpoint::ALL {
        let shape = endpoint.shape();
        schemas.extend(shape.takes.schemas);
        schemas.extend(shape.answer.schemas.iter().cloned());
        let operation = operation(*endpoint, shape.takes.query, &shape.answer).request_body(shape.takes.body);
        paths.add_path_operation(endpoint.path(), vec![shape.method], operation.build());
    }
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("ordersync")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components(schemas)))
        .security(Some([SecurityRequirement::new(TOKEN, [""; 0])]))
        .build()
}

fn operation(endpoint: Endpoint, query: Vec<Parameter>, answer: &Answer) -> OperationBuilder {
    let roles: Vec<&str> = endpoint.roles().iter().map(|role| role.name()).collect();
    let parameters: Vec<Parameter> = path_parameters(endpoint.path()).chain(query).collect();
    let parameters = (!parameters.is_empty()).then_some(parameters);
    let operation = Operation::builder()
        .operation_id(Some(endpoint.name()))
        .summary(Some(endpoint.summary()))
        .tag(endpoint.path().split('/').nth(2).unwrap_or_default())
        .parameters(parameters)
        .response(answer.status.as_str(), answer_response(answer))
        .extensions(Some(ExtensionsBuilder::new().add("x-roles", roles).build()));
    let operation = if answer.tagged {
        let same = Response::new("The copy that `if-none-match` names is still good.");
        operation.response(StatusCode::NOT_MODIFIED.as_str(), same)
    } else {
        operation
    };
    FAILURES
        .iter()
        .fold(operation, |operation, (name, status, _)| operation.response(*status, Ref::from_response_name(*name)))
}

fn answer_response(answer: &Answer) -> Response {
    let described = ResponseBuilder::new().description(match answer.status {
        StatusCode::CREATED => "It is there now.",
        StatusCode::NO_CONTENT => "It is done.",
        _ => "What was asked for.",
    });
    let contents = answer.content.iter();
    contents.fold(described, |response, (kind, content)| response.content(*kind, content.clone())).build()
}

/// The parameters in the braces of a path.
fn path_parameters(path: &'static str) -> impl Iterator<Item = Parameter> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.map(|name| {
        let meaning = match name {
            "label" => "Its label, as a list shows it.",
            "reference" => {
                "Of an order: our id or the marketplace's number. Of a label: what stands under its barcode."
            }
            "number" => "The document's number, percent-encoded.",
            "kind" => "`invoice`, `credit` or `receipt`.",
            _ => "Its id, as a list shows it.",
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(meaning))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .build()
    })
}

fn components(schemas: Schemas) -> Components {
    let named = ComponentsBuilder::new().schemas_from_iter(schemas);
    let failed = FAILURES.iter().fold(named, |components, (name, _, meaning)| {
        let body = Content::new(Some(Ref::from_schema_name(ErrorBody::name())));
        components
            .response(*name, ResponseBuilder::new().description(*meaning).content("application/json", body).build())
    });
    let about = "A token of a person or a program. On the control socket the kernel says who asks, and none is needed.";
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build();
    failed.security_scheme(TOKEN, SecurityScheme::Http(token)).build()
}
