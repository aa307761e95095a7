//! The history: extract rows become movements (posting), movements and tables become published loads (store).

pub mod snapshot;
pub mod store;
