//! Which objects of a label its pages need, in an order in which an object comes after those that it refers to, so that
//! equal ones can be shared.

use std::collections::HashMap;

use lopdf::{Object, ObjectId, Stream};
use ordersync_core::paper::PaperError;

use super::label::Label;
use super::{keeping, refused};

/// The objects that pages need.
pub(super) struct Needed<'l> {
    /// All of them, each after those that it refers to, except in a circle.
    pub(super) objects: Vec<(ObjectId, &'l Object)>,
    /// Those that are referred to before they come.
    pub(super) early: Vec<ObjectId>,
}

#[derive(PartialEq)]
enum State {
    /// What it refers to is being looked at.
    Open,
    /// It refers to itself, by a way round.
    Circular,
    Listed,
    /// It stands for `null`.
    Nothing,
}

/// An object whose references are being followed.
struct Open<'l> {
    id: ObjectId,
    object: &'l Object,
    ahead: Vec<ObjectId>,
}

/// Follows all references from `roots`.
///
/// # Errors
/// An object cannot be read, or its content lies in another file.
pub(super) fn needed<'l>(label: &'l Label, roots: &[Object]) -> Result<Needed<'l>, PaperError> {
    let mut needed = Needed { objects: Vec::new(), early: Vec::new() };
    let mut states: HashMap<ObjectId, State> = HashMap::new();
    let mut path: Vec<Open<'l>> = Vec::new();
    let mut waiting = Vec::new();
    roots.iter().for_each(|root| collect(root, &mut waiting));
    waiting.reverse();
    loop {
        let ahead = path.last_mut().map_or(&mut waiting, |open| &mut open.ahead);
        let Some(id) = ahead.pop() else {
            let Some(done) = path.pop() else { return Ok(needed) };
            if states.insert(done.id, State::Listed) == Some(State::Circular) {
                needed.early.push(done.id);
            }
            needed.objects.push((done.id, done.object));
            continue;
        };
        if let Some(state) = states.get_mut(&id) {
            if *state == State::Open {
                *state = State::Circular;
            }
            continue;
        }
        match label.object(id)?.filter(|object| keeping::is_kept(object)) {
            None => {
                states.insert(id, State::Nothing);
            }
            Some(object) => {
                states.insert(id, State::Open);
                path.push(Open { id, object, ahead: references(object)? });
            }
        }
    }
}

/// What an object refers to, the last first.
fn references(object: &Object) -> Result<Vec<ObjectId>, PaperError> {
    let mut found = Vec::new();
    if let Ok(stream) = object.as_stream() {
        check_whole(stream)?;
    }
    collect(object, &mut found);
    found.reverse();
    Ok(found)
}

/// Refuses a stream whose content is not in the document.
pub(super) fn check_whole(stream: &Stream) -> Result<(), PaperError> {
    if stream.dict.has(b"F") {
        return Err(refused("a part of it lies in another file; ask the courier for a complete label"));
    }
    Ok(())
}

/// References in the parts of an object that are written.
fn collect(object: &Object, found: &mut Vec<ObjectId>) {
    match object {
        Object::Reference(id) => found.push(*id),
        Object::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Object::Dictionary(dictionary) if keeping::is_kept(object) => {
            dictionary.iter().for_each(|(_, value)| collect(value, found));
        }
        Object::Stream(stream) if keeping::is_kept(object) => {
            keeping::stream_entries(stream).for_each(|(_, value)| collect(value, found));
        }
        Object::Dictionary(_)
        | Object::Stream(_)
        | Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..) => {}
    }
}
