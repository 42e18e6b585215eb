//! Refusing values of options that cannot work.

use super::error::Error;

pub(crate) fn option(
    option: &'static str,
    value: String,
    expected: &'static str,
) -> Result<(), Error> {
    Err(Error::Option {
        option,
        value,
        expected,
    })
}

pub(crate) fn count(name: &'static str, value: usize) -> Result<(), Error> {
    if value == 0 {
        return option(name, "0".into(), "1 or more");
    }
    Ok(())
}

pub(crate) fn number(
    name: &'static str,
    value: f64,
    fits: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), Error> {
    if fits(value) {
        return Ok(());
    }
    option(name, value.to_string(), expected)
}
