//! What an endpoint takes and answers: the words of the table of endpoints, as parts of its OpenAPI description.

use http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, Parameter};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Content, Ref, RefOr};

/// The kind of every body that is not a file.
const JSON: &str = "application/json";

/// Schemas by name.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// What one endpoint takes and answers.
pub(crate) struct Shape {
    pub(crate) method: HttpMethod,
    pub(crate) takes: Takes,
    pub(crate) answer: Answer,
}

/// What a request holds besides its path.
#[derive(Default)]
pub(crate) struct Takes {
    pub(crate) query: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    /// What the body's schema refers to, and itself.
    pub(crate) schemas: Schemas,
}

/// An answer that is no failure.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// By kind of file; none without a body.
    pub(crate) content: Vec<(&'static str, Content)>,
    /// True when a caller that names the tag of its copy may be told that nothing has changed.
    pub(crate) tagged: bool,
    /// What the content's schema refers to, and itself.
    pub(crate) schemas: Schemas,
}

/// The schema of a type and of all that it refers to.
fn schemas<T: ToSchema>() -> Schemas {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

fn reference<T: ToSchema>() -> Content {
    Content::new(Some(Ref::from_schema_name(T::name())))
}

/// The methods, as the table spells them.
pub(crate) mod verb {
    use utoipa::openapi::path::HttpMethod;

    pub(crate) const GET: HttpMethod = HttpMethod::Get;
    pub(crate) const POST: HttpMethod = HttpMethod::Post;
    pub(crate) const PUT: HttpMethod = HttpMethod::Put;
    pub(crate) const DELETE: HttpMethod = HttpMethod::Delete;
}

/// What a request holds.
pub(crate) mod takes {
    use utoipa::openapi::path::{Parameter, ParameterIn};
    use utoipa::openapi::request_body::RequestBodyBuilder;
    use utoipa::openapi::schema::{Schema, SchemaType, Type};
    use utoipa::openapi::{RefOr, Required};
    use utoipa::{IntoParams, ToSchema};

    use super::{JSON, Takes, reference, schemas};

    /// Nothing that is read.
    pub(crate) fn nothing() -> Takes {
        Takes::default()
    }

    /// Parameters behind the path.
    pub(crate) fn query<T: IntoParams>() -> Takes {
        let mut query = T::into_params(|| Some(ParameterIn::Query));
        query.iter_mut().for_each(not_null);
        Takes { query, ..Takes::default() }
    }

    /// A parameter may be left out; there is no way to write that it is null.
    fn not_null(parameter: &mut Parameter) {
        if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
            && let SchemaType::Array(types) = &object.schema_type
            && let Some(only) = types.iter().find(|one| **one != Type::Null)
        {
            object.schema_type = SchemaType::Type(only.clone());
        }
    }

    /// A JSON body. It may be left out where `{}` would do.
    pub(crate) fn body<T: ToSchema>() -> Takes {
        let needed = matches!(T::schema(), RefOr::T(Schema::Object(object)) if !object.required.is_empty());
        let required = if needed { Required::True } else { Required::False };
        let body = RequestBodyBuilder::new().content(JSON, reference::<T>()).required(Some(required)).build();
        Takes { body: Some(body), schemas: schemas::<T>(), ..Takes::default() }
    }
}

/// What comes back.
pub(crate) mod answers {
    use http::StatusCode;
    use utoipa::ToSchema;
    use utoipa::openapi::Content;
    use utoipa::openapi::schema::{ObjectBuilder, Type};

    use super::media::Media;
    use super::{Answer, JSON, Schemas, reference, schemas};

    fn of(status: StatusCode, content: Vec<(&'static str, Content)>, schemas: Schemas) -> Answer {
        Answer { status, content, tagged: false, schemas }
    }

    /// JSON.
    pub(crate) fn json<T: ToSchema>() -> Answer {
        of(StatusCode::OK, vec![(JSON, reference::<T>())], schemas::<T>())
    }

    /// JSON about something that is there now.
    pub(crate) fn created<T: ToSchema>() -> Answer {
        Answer { status: StatusCode::CREATED, ..json::<T>() }
    }

    /// A status without a body.
    pub(crate) fn done() -> Answer {
        of(StatusCode::NO_CONTENT, Vec::new(), Schemas::new())
    }

    /// JSON whose shape is somebody else's standard.
    pub(crate) fn document() -> Answer {
        let object = ObjectBuilder::new().schema_type(Type::Object).build();
        of(StatusCode::OK, vec![(JSON, Content::new(Some(object)))], Schemas::new())
    }

    /// A file of one of these kinds.
    pub(crate) fn file<M: Media>() -> Answer {
        let content = M::KINDS.iter().map(|kind| (*kind, Content::default())).collect();
        of(StatusCode::OK, content, Schemas::new())
    }

    /// The same with a tag, by which a caller can ask whether its copy is still good.
    pub(crate) fn tagged<M: Media>() -> Answer {
        Answer { tagged: true, ..file::<M>() }
    }
}

/// Kinds of files. What is in them has no schema.
pub(crate) mod media {
    const PDF: &str = "application/pdf";
    const CSV: &str = "text/csv";
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// The kinds that an endpoint may answer with.
    pub(crate) trait Media {
        const KINDS: &'static [&'static str];
    }

    macro_rules! media {
        ($($(#[$doc:meta])* $name:ident = [$($kind:expr),+];)+) => {
            $($(#[$doc])* pub(crate) enum $name {}

            impl Media for $name {
                const KINDS: &'static [&'static str] = &[$($kind),+];
            })+
        };
    }

    media! {
        /// A page or several.
        Pdf = [PDF];
        /// What a label printer or any other printer takes.
        Label = [PDF, "x-application/zpl"];
        /// A table.
        Csv = [CSV];
        /// A table or a workbook.
        Daybook = [CSV, XLSX];
        /// A file that only this program reads.
        Bytes = ["application/octet-stream"];
    }
}
