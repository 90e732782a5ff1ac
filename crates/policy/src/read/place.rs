//! A value of the document and the way to it.

use crate::decision::push_token;
use crate::json::View;

/// One value and where it stands. Pointers are written only when something is wrong there.
pub(super) struct Place<'p, 't> {
    pub(super) view: View<'t>,
    parent: Option<&'p Place<'p, 't>>,
    token: Token<'t>,
}

enum Token<'t> {
    Name(&'t str),
    Index(usize),
}

impl<'p, 't> Place<'p, 't> {
    pub(super) fn root(view: View<'t>) -> Self {
        Place { view, parent: None, token: Token::Index(0) }
    }

    pub(super) fn member(&'p self, name: &'t str, view: View<'t>) -> Place<'p, 't> {
        Place { view, parent: Some(self), token: Token::Name(name) }
    }

    pub(super) fn item(&'p self, index: usize, view: View<'t>) -> Place<'p, 't> {
        Place { view, parent: Some(self), token: Token::Index(index) }
    }

    pub(super) fn get(&'p self, name: &'static str) -> Option<Place<'p, 't>> {
        self.view.member(name).map(|view| self.member(name, view))
    }

    pub(super) fn pointer(&self) -> String {
        let mut way = vec![self];
        let mut place = self;
        while let Some(parent) = place.parent {
            way.push(parent);
            place = parent;
        }
        let mut pointer = String::new();
        for place in way.into_iter().rev().skip(1) {
            match place.token {
                Token::Name(name) => push_token(&mut pointer, name),
                Token::Index(index) => push_token(&mut pointer, &index.to_string()),
            }
        }
        pointer
    }
}
