//! Where a picture's features stand in a network's output.

use super::settings::{FeatureKind, OnnxSettings, TensorLayout};

/// Where the features stand in a picture's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// One vector of `d` numbers, from `start` on.
    Row { start: usize, d: usize },
    /// `[rows, columns, d]`, from `start` on.
    ChannelsLast {
        start: usize,
        rows: usize,
        columns: usize,
        d: usize,
    },
    /// `[d, rows, columns]`.
    ChannelsFirst {
        d: usize,
        rows: usize,
        columns: usize,
    },
}

/// Where the features of a picture stand in the output, or what was expected of its shape.
pub(super) fn place(
    output: &[usize],
    pictures: usize,
    layout: TensorLayout,
    settings: &OnnxSettings,
) -> Result<Place, &'static str> {
    let (&[first, ref dims @ ..], kind, token) = (output, settings.kind, settings.first_token)
    else {
        return Err("[pictures, …]");
    };
    if first != pictures {
        return Err("as many rows as there are pictures");
    }
    if output.contains(&0) {
        return Err("numbers");
    }
    match *dims {
        [d] if kind != Some(FeatureKind::Map) => Ok(Place::Row { start: 0, d }),
        [_] => Err("a map: [pictures, d, rows, columns] or [pictures, tokens, d]"),
        [tokens, d] => {
            let left = tokens.checked_sub(token).filter(|&left| left > 0);
            let left = left.ok_or("more tokens than `first-token`")?;
            let start = token * d;
            let side = left.isqrt();
            match kind {
                None => Err("settings that say `kind = \"row\"` or `kind = \"map\"`"),
                Some(FeatureKind::Row) => Ok(Place::Row { start, d }),
                Some(FeatureKind::Map) if side * side == left => Ok(Place::ChannelsLast {
                    start,
                    rows: side,
                    columns: side,
                    d,
                }),
                Some(FeatureKind::Map) => {
                    Err("a square number of tokens after those that `first-token` leaves out")
                }
            }
        }
        [a, b, c] => {
            let (rows, columns, d) = match layout {
                TensorLayout::Nchw => (b, c, a),
                TensorLayout::Nhwc => (a, b, c),
            };
            let map = kind.map_or(rows * columns > 1, |kind| kind == FeatureKind::Map);
            match layout {
                _ if !map && rows * columns == 1 => Ok(Place::Row { start: 0, d }),
                _ if !map => Err("one location, for a row"),
                TensorLayout::Nchw => Ok(Place::ChannelsFirst { d, rows, columns }),
                TensorLayout::Nhwc => Ok(Place::ChannelsLast {
                    start: 0,
                    rows,
                    columns,
                    d,
                }),
            }
        }
        _ => Err("two to four dimensions"),
    }
}

impl Place {
    /// Numbers of a picture's features.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Row { d, .. } => d,
            Self::ChannelsLast {
                rows, columns, d, ..
            }
            | Self::ChannelsFirst { rows, columns, d } => rows * columns * d,
        }
    }

    /// Takes the features out of a picture's output, locations row by row.
    pub(super) fn push(self, output: &[f32], rows: &mut Vec<f32>) {
        match self {
            Self::Row { start, .. } | Self::ChannelsLast { start, .. } => {
                rows.extend(output.iter().skip(start).take(self.len()));
            }
            Self::ChannelsFirst {
                rows: down,
                columns,
                ..
            } => {
                let locations = down * columns;
                for location in 0..locations {
                    rows.extend(output.iter().skip(location).step_by(locations));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::preset::Preset;
    use super::*;

    fn settings() -> OnnxSettings {
        OnnxSettings::of(Preset::Imagenet)
    }

    #[test]
    fn rows_and_maps_are_told_by_their_shapes() {
        use FeatureKind::{Map, Row};
        use TensorLayout::{Nchw, Nhwc};
        let of =
            |output: &[usize], layout, settings: &OnnxSettings| place(output, 1, layout, settings);
        let plain = settings();
        assert_eq!(of(&[1, 5], Nchw, &plain), Ok(Place::Row { start: 0, d: 5 }));
        assert_eq!(
            of(&[1, 5, 1, 1], Nchw, &plain),
            Ok(Place::Row { start: 0, d: 5 })
        );
        assert_eq!(
            of(&[1, 5, 2, 3], Nchw, &plain),
            Ok(Place::ChannelsFirst {
                d: 5,
                rows: 2,
                columns: 3
            })
        );
        assert_eq!(
            of(&[1, 2, 3, 5], Nhwc, &plain),
            Ok(Place::ChannelsLast {
                start: 0,
                rows: 2,
                columns: 3,
                d: 5
            })
        );
        let tokens = plain.clone().first_token(1);
        assert_eq!(
            of(&[1, 10, 4], Nchw, &tokens.clone().kind(Map)),
            Ok(Place::ChannelsLast {
                start: 4,
                rows: 3,
                columns: 3,
                d: 4
            })
        );
        assert_eq!(
            of(&[1, 10, 4], Nchw, &plain.clone().kind(Row)),
            Ok(Place::Row { start: 0, d: 4 })
        );
        for (output, settings) in [
            (&[1, 10, 4][..], &plain), // a row or a map?
            (&[1, 11, 4], &tokens.clone().kind(Map)),
            (&[1, 1, 4], &tokens.clone().kind(Map)),
            (&[1, 5], &plain.clone().kind(Map)),
            (&[1, 5, 2, 3], &plain.clone().kind(Row)),
            (&[2, 5], &plain),
            (&[1, 0], &plain),
            (&[1], &plain),
            (&[], &plain),
            (&[1, 1, 1, 1, 1], &plain),
        ] {
            assert!(of(output, Nchw, settings).is_err(), "{output:?}");
        }
    }

    /// Two channels over one row of three locations.
    #[test]
    fn maps_become_rows_of_locations() {
        let mut rows = Vec::new();
        let place = Place::ChannelsFirst {
            d: 2,
            rows: 1,
            columns: 3,
        };
        place.push(&[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], &mut rows);
        assert_eq!(rows, [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
    }
}
