//! Damage: hundreds of files made wrong on purpose, each told by its place.
