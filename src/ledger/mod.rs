//! The history: extract rows become movements (posting), movements and tables become published loads (store).

pub mod facts;
pub mod load;
pub mod merges;
pub mod movement;
mod packed;
pub mod posting;
pub mod snapshot;
pub mod store;
mod stored;
