use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use sfv::{Dictionary, FieldType as _, Item, List, ListEntry};

use super::{
    component::{Component, ComponentError, Name},
    field::trim,
    query,
};
use crate::head::{Head, RequestHead};

/// Appends the value of `component` in `head`; nothing that could be two lines or two values ever comes out.
///
/// fapi: HS-3, HS-4
pub(crate) fn write(component: &Component<'_>, head: Head<'_>, out: &mut String) -> Result<(), ComponentError> {
    match (head, component.of_request) {
        (Head::Request(request), false) => of_request(component, request, out),
        (Head::Request(_), true) => Err(ComponentError::UnknownComponentParameter),
        (Head::Response(response), true) => {
            of_request(component, response.request.ok_or(ComponentError::ComponentMissing)?, out)
        }
        (Head::Response(response), false) => match component.name {
            Name::Status => {
                out.push_str(response.status.as_str());
                Ok(())
            }
            Name::Field(name) => field(component, name, response.headers, response.trailers, out),
            _ => Err(ComponentError::ComponentMissing),
        },
    }
}

fn of_request(component: &Component<'_>, request: &RequestHead, out: &mut String) -> Result<(), ComponentError> {
    let target = &request.target;
    // `http` lets raw UTF-8 stand in a path and a query; a base is ASCII (section 2.5).
    if !target.uri().is_ascii() {
        return Err(ComponentError::ValueNotAscii);
    }
    match component.name {
        Name::Method => out.push_str(request.method.as_str()),
        Name::TargetUri => out.push_str(target.uri()),
        Name::Authority => out.push_str(target.authority()),
        Name::Scheme => out.push_str(target.scheme()),
        Name::RequestTarget => target.write_in_request_line(out),
        Name::Path => out.push_str(target.path()),
        Name::Query => {
            out.push('?');
            out.push_str(target.query().unwrap_or_default());
        }
        Name::QueryParam => {
            let name = component.parameter.as_deref().ok_or(ComponentError::UnknownComponentParameter)?;
            return query::write_parameter(target.query().unwrap_or_default(), name, out);
        }
        Name::Status => return Err(ComponentError::ComponentMissing),
        Name::Field(name) => return field(component, name, &request.headers, request.trailers.as_ref(), out),
    }
    Ok(())
}

/// The value of a field (RFC 9421 section 2.1): trimmed lines joined with a comma, or one of its three other forms.
fn field(
    component: &Component<'_>,
    name: &str,
    headers: &HeaderMap,
    trailers: Option<&HeaderMap>,
    out: &mut String,
) -> Result<(), ComponentError> {
    let fields = if component.trailer { trailers.ok_or(ComponentError::ComponentMissing)? } else { headers };
    let mut lines = fields.get_all(name).iter().map(|value| trim(value.as_bytes())).peekable();
    lines.peek().ok_or(ComponentError::ComponentMissing)?;
    if component.wrapped {
        for (index, line) in lines.enumerate() {
            out.push_str(if index == 0 { ":" } else { ", :" });
            STANDARD.encode_string(line, out);
            out.push(':');
        }
        return Ok(());
    }
    if component.structured || component.key.is_some() {
        let mut joined = String::new();
        write_lines(lines, &mut joined)?;
        let text = match &component.key {
            Some(key) => member(&joined, key),
            None => whole(&joined),
        };
        out.push_str(&text.ok_or(ComponentError::NotStructured)??);
        return Ok(());
    }
    write_lines(lines, out)
}

fn write_lines<'a>(lines: impl Iterator<Item = &'a [u8]>, out: &mut String) -> Result<(), ComponentError> {
    for (index, line) in lines.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        // A field value holds no control character but the tab, so what is ASCII is printable.
        let text = core::str::from_utf8(line).ok().filter(|text| text.is_ascii());
        out.push_str(text.ok_or(ComponentError::ValueNotAscii)?);
    }
    Ok(())
}

type Serialised = Option<Result<String, ComponentError>>;

/// The whole field in strict form (section 2.1.1). The type of a field that is not ours is not known here; where the
/// types it could have disagree about its strict form, it is refused.
fn whole(text: &str) -> Serialised {
    let forms = [
        sfv::Parser::new(text).parse::<Dictionary>().ok().and_then(|value| value.serialize()),
        sfv::Parser::new(text).parse::<List>().ok().and_then(|value| value.serialize()),
        sfv::Parser::new(text).parse::<Item>().ok().map(|value| value.serialize()),
    ];
    let mut forms = forms.into_iter().flatten();
    let first = forms.next()?;
    forms.all(|form| form == first).then_some(Ok(first))
}

/// One member of a dictionary in strict form (section 2.1.2).
fn member(text: &str, key: &str) -> Serialised {
    let dictionary = sfv::Parser::new(text).parse::<Dictionary>().ok()?;
    let Some(entry) = dictionary.get(key) else {
        return Some(Err(ComponentError::ComponentMissing));
    };
    let text = match entry {
        ListEntry::Item(item) => item.serialize(),
        list @ ListEntry::InnerList(_) => vec![list.clone()].serialize()?,
    };
    Some(Ok(text))
}
