//! Pages by key: a page begins after the last key of the one before, so that rows which come or
//! go meanwhile shift nothing.

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// At most so many items; at least 1.
    pub limit: u32,
    /// Items after this key in the order of the list.
    pub after: Option<K>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Whether there is more behind the last item.
    pub has_more: bool,
}
