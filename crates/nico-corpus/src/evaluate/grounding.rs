//! Whether the model looks at those whom it names, on shows whose boxes are known: the tables of
//! [`Grounding`].

use caption_metrics::{
    Estimate, GroundTruth, NamePointing, NameSwap, Pairs, PointingScore, PoolSubset,
};

use super::{context::EvaluationContext, tables::Table};
use crate::{
    error::Error,
    figures::{estimate_over, fixed, mean_over},
    grounding::{Grounding, GroundingData, Probe},
};

/// Measures on the held-out pictures.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn measure(context: &EvaluationContext<'_>, truth: &GroundTruth) -> Result<Grounding, Error> {
    let data = context.data;
    let pairs = |part, row_of: &dyn Fn(usize) -> usize| -> Pairs {
        data.pairs(&data.indices(part), row_of)
    };
    // Comments of another video are no picture's of this one: a row that does not exist.
    let nowhere = data.num_rows();
    let is_of_another = data.is_of_another_video();
    let row_of = |index| {
        if is_of_another {
            nowhere
        } else {
            data.row(index)
        }
    };
    let rows: Vec<usize> = (0..data.num_rows())
        .filter(|&row| data.is_held_out(row))
        .collect();
    Grounding::measure(
        &Probe::new(context.captioner, context.store, context.batch_size),
        &GroundingData {
            train: &pairs(PoolSubset::Train, &row_of),
            dev: &pairs(PoolSubset::Dev, &|index| data.row(index)),
            rows: &rows,
            truth,
            seed: context.seed,
        },
    )
}

pub(super) fn write(grounding: &Grounding, out: &mut String) {
    out.push_str("## Grounding\n\nOn held-out pictures; boxes are for this section alone.\n\n");
    match &grounding.attention {
        None => out.push_str("The model has no attention that could point.\n\n"),
        Some(guard) => {
            out.push_str(&format!(
                "Attention {}: the maps of two words of a comment differ by {:.3} (total variation, 0 to 1), their entropy is {:.3} of an even map's, the gate is open by {:.2}.\n\n",
                if guard.is_degenerate() { "is dead" } else { "lives" },
                guard.variation,
                guard.entropy,
                guard.gate
            ));
            out.push_str("Pointing game: how often the map's peak lies in the box of who is named, when the name is written, when it is read, and after, and the peak of the posterior: which place, of those that are looked at when the name is written, speaks for it; and the share of attention in the box. *Any figure* is what a map reaches that finds all figures and does not know which one will be named.\n\n");
            write_pointing(&grounding.names, out);
            out.push_str("The same where somebody else is in the picture too:\n\n");
            write_pointing(&grounding.names_among_others, out);
            out.push_str("Of those, names with two words or more before them, such as a colour that tells who is meant: the map that writes the name has read some of them.\n\n");
            write_pointing(&grounding.names_told, out);
            write_swap(&grounding.swap, out);
        }
    }
    out.push_str("How well a name's probability as the first word tells the pictures with its character; baseline: their share.\n\n");
    let mut table = Table::new(["name", "pictures", "average precision", "baseline"]);
    for name in &grounding.presence {
        table.row([
            name.id.clone(),
            name.present.to_string(),
            mean_over(name.present, name.average_precision, 3),
            fixed(name.share, 3),
        ]);
    }
    table.write(out);
}

fn write_pointing(names: &[NamePointing], out: &mut String) {
    let mut table = Table::new([
        "name",
        "mentions",
        "writing, %",
        "reading, %",
        "after, %",
        "posterior, %",
        "box area, %",
        "centre, %",
        "usual place, %",
        "any figure, %",
        "mass, writing, %",
        "mass, after, %",
        "mass, posterior, %",
    ]);
    for name in names.iter().chain([&NamePointing::mean(names)]) {
        let share = |share: f64| mean_over(name.mentions, 100.0 * share, 1);
        table.row([
            name.id.clone(),
            name.mentions.to_string(),
            points(&name.before, |aim| aim.pointing),
            points(&name.at, |aim| aim.pointing),
            points(&name.after, |aim| aim.pointing),
            points(&name.posterior, |aim| aim.pointing),
            share(name.area),
            share(name.centre),
            share(name.usual),
            share(name.any_figure),
            points(&name.before, |aim| aim.mass),
            points(&name.after, |aim| aim.mass),
            points(&name.posterior, |aim| aim.mass),
        ]);
    }
    table.write(out);
}

/// A figure in per cent; a dash where there was nothing to measure.
fn points(aim: &PointingScore, of: fn(&PointingScore) -> Estimate) -> String {
    estimate_over(aim.mentions, of(aim).scaled(100.0), 1)
}

fn write_swap(names: &[NameSwap], out: &mut String) {
    out.push_str("Swap test: on pictures with A and B, the share of attention on A when A is named less that when B is named in the same comment, in the maps that have read the name and by the posterior; 0: nobody is told apart.\n\n");
    let mut table = Table::new(["A", "pairs", "swap, %", "by the posterior, %"]);
    for name in names.iter().chain([&NameSwap::mean(names)]) {
        table.row([
            name.id.clone(),
            name.pairs.to_string(),
            estimate_over(name.pairs, name.after.scaled(100.0), 1),
            estimate_over(name.pairs, name.posterior.scaled(100.0), 1),
        ]);
    }
    table.write(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No posterior was measured: that is not one of 0 %.
    #[test]
    fn what_was_not_measured_is_no_zero() {
        let none = PointingScore::default();
        assert_eq!(points(&none, |aim| aim.mass), "–");
        let some = PointingScore {
            mentions: 2,
            ..none
        };
        assert_eq!(points(&some, |aim| aim.mass), "0.0");
    }
}
