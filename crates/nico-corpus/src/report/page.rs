//! The page. Whatever comments hold is text here: it is escaped, and the page's own policy runs no
//! script but its own.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use caption_train::EpochRecord;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use nico_comments::Comment;
use rand::RngExt;

use super::{
    charts::{Line, Scale, chart},
    folder::{COMMENTER, RunFolder, Stats, VIDEO},
    markdown,
    moments::PageMoment,
    page_player::PagePlayer,
    summary::RunSummary,
};
use crate::{
    error::Error,
    figures::{fixed, percent_of},
    written_names::WrittenNames,
};

/// Comments listed beside the video; a browser is slow with many more.
const LISTED: usize = 3_000;
/// Characters of a comment that are listed.
const SHOWN: usize = 500;
/// Rows of a table of words.
const ROWS: usize = 15;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("player.js");

/// Makes the page of a run: HTML that needs nothing but `commented.mp4` beside it, with pictures of
/// these moments. With a player it also shows the video itself, and draws the comments over it.
///
/// # Errors
///
/// Fails if a chart cannot be drawn.
pub fn report_page(
    folder: &RunFolder,
    moments: &[PageMoment],
    player: Option<&PagePlayer>,
) -> Result<String, Error> {
    let nonce = format!("{:032x}", rand::rng().random::<u128>());
    let compiles = player.map_or("", |_| " 'wasm-unsafe-eval'");
    let policy = format!(
        "default-src 'none'; img-src data:; media-src 'self' file:; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'{compiles}"
    );
    let title = title(folder);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy);
                title { (title) }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                h1 { bdi { (title) } }
                @if let Some(summary) = &folder.summary { (in_short(summary)) }
                (watch(folder, player))
                (beside(folder))
                (pictures(moments))
                (attention(moments))
                (training(folder)?)
                @if let Some(text) = &folder.evaluation {
                    h2 { "Evaluation" }
                    div.wide { (markdown::render(text)) }
                }
                @if let Some(stats) = &folder.stats { (learnt_from(stats)?) }
                @if let Some(summary) = &folder.summary { (stages(summary)) }
                @if let Some(player) = player { (player.parts(&nonce)) }
                script nonce=(nonce) { (PreEscaped(SCRIPT)) }
            }
        }
    };
    // Control characters are no text in HTML.
    let is_text = |c: &char| *c == '\n' || !c.is_control();
    Ok(page.into_string().chars().filter(is_text).collect())
}

fn title(folder: &RunFolder) -> String {
    let Some(summary) = &folder.summary else {
        return format!("Report of {}", folder.path.display());
    };
    format!("Comments on {}", named(&summary.target))
}

/// A video by the last two parts of its path: `cafe/video.mp4`.
fn named(path: &Path) -> String {
    let parts: Vec<_> = path
        .iter()
        .rev()
        .take(2)
        .map(|part| part.to_string_lossy())
        .collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

fn in_short(summary: &RunSummary) -> Markup {
    let learnt = &summary.learnt;
    html! {
        p.soft {
            "Learnt from " bdi { (named(&summary.video)) } ": " (learnt.train_comments) " comments, judged by "
            (learnt.dev_comments) " of time that was never learnt from, " (learnt.dev_distinct_in_train) " of whose "
            (learnt.dev_distinct) " distinct comments were also said elsewhere."
        }
        div.figures {
            (figure(&format!("{:.2}", learnt.dev_perplexity), "perplexity per word"))
            (figure(&format!("{:.1}", learnt.unigram_perplexity), "word frequencies alone"))
            (figure(&format!("{:.2}", learnt.shuffled_perplexity), "with pictures of other moments"))
            (figure(&fixed(learnt.visual_gain, 3), "nats a word that the picture is worth"))
            (figure(&summary.comments_written.to_string(), "comments written"))
            @if let Some(names) = &summary.names { (named_while_seen(names)) }
        }
    }
}

fn named_while_seen(names: &WrittenNames) -> Markup {
    if names.written == 0 {
        return figure("0", &format!("names in {} comments", names.comments));
    }
    figure(
        &percent(names.share),
        &format!(
            "of {} names while their character is seen; at random moments {}",
            names.written,
            percent(names.chance)
        ),
    )
}

fn figure(value: &str, what: &str) -> Markup {
    html! { div { b { (value) } span.soft { (what) } } }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn watch(folder: &RunFolder, player: Option<&PagePlayer>) -> Markup {
    if !folder.has_video && folder.comments.is_empty() && player.is_none() {
        return html! {};
    }
    let rendered = folder.has_video.then_some(VIDEO);
    html! {
        h2 { "Watch" }
        @if folder.commenter.is_some() { p.soft { "Written by the captioner, which sees the picture alone." } }
        @if let Some(player) = player {
            (beside_comments(player.video(rendered), &folder.comments))
        } @else {
            (beside_comments(rendered_video(rendered), &folder.comments))
        }
    }
}

/// What a commenter wrote for the same video.
fn beside(folder: &RunFolder) -> Markup {
    let Some(commenter) = &folder.commenter else {
        return html! {};
    };
    let video = format!("{COMMENTER}/{VIDEO}");
    html! {
        h2 { "The same video by the commenter" }
        p.soft { "It reads what is said and what others have written as well." }
        div.figures {
            (figure(&commenter.comments.len().to_string(), "comments written"))
            @if let Some(names) = &commenter.names { (named_while_seen(names)) }
        }
        (beside_comments(rendered_video(commenter.has_video.then_some(&*video)), &commenter.comments))
        @if let Some(figures) = &commenter.figures { div.wide { (markdown::render(figures)) } }
    }
}

/// The video that comments were drawn on.
fn rendered_video(video: Option<&str>) -> Markup {
    html! {
        @if let Some(video) = video { video controls preload="metadata" src=(video) {} }
        @else { p.soft { "There is no " (VIDEO) "." } }
    }
}

/// A video beside the comments that were written for it.
fn beside_comments(video: Markup, comments: &[Comment]) -> Markup {
    let more = comments.len().saturating_sub(LISTED);
    html! {
        div.watch {
            div { (video) }
            div {
                ol.said {
                    @for comment in comments.iter().take(LISTED) { (said(comment)) }
                }
                @if more > 0 { p.soft { (more) " more are in comments.xml." } }
            }
        }
    }
}

fn said(comment: &Comment) -> Markup {
    let body = &comment.body;
    let end = body
        .char_indices()
        .nth(SHOWN)
        .map_or(body.len(), |(at, _)| at);
    html! {
        li {
            button type="button" data-at=(format!("{:.2}", comment.vpos.as_secs_f64().max(0.0))) {
                time { (comment.vpos) }
                bdi lang="ja" { (body[..end]) @if end < body.len() { "…" } }
            }
        }
    }
}

fn pictures(moments: &[PageMoment]) -> Markup {
    if moments.is_empty() {
        return html! {};
    }
    html! {
        h2 { "Where most is said" }
        div.pictures {
            @for PageMoment { at, comments, picture, .. } in moments {
                figure {
                    img src=(png_address(picture)) alt=(format!("the video at {at}"));
                    figcaption { (at) ", " (comments) @if *comments == 1 { " comment" } @else { " comments" } }
                }
            }
        }
    }
}

fn attention(moments: &[PageMoment]) -> Markup {
    let mut tiles = moments
        .iter()
        .filter_map(|moment| Some((moment.at, moment.attention.as_deref()?)))
        .peekable();
    if tiles.peek().is_none() {
        return html! {};
    }
    html! {
        h2 { "Where the model looks" }
        p.soft { "While it writes each word of a comment of its own: white where attention is, β under the word where the model has a gate." }
        @for (at, picture) in tiles { figure { img.natural src=(png_address(picture)) alt=(format!("attention at {at}")); } }
    }
}

/// A picture as a `data:` address.
fn png_address(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
}

fn training(folder: &RunFolder) -> Result<Markup, Error> {
    if folder.epochs.is_empty() {
        return Ok(html! {});
    }
    let of = |value: fn(&EpochRecord) -> f64| -> Vec<(f64, f64)> {
        let epochs = folder.epochs.iter();
        epochs
            .map(|epoch| (epoch.epoch as f64, value(epoch)))
            .collect()
    };
    let mut lines = vec![
        Line {
            name: "held out",
            points: of(|epoch| epoch.dev_perplexity),
        },
        Line {
            name: "while learning",
            points: of(|epoch| epoch.train_nll.exp()),
        },
    ];
    if let Some(summary) = &folder.summary {
        let level = |value: f64| {
            of(|_| 0.0)
                .into_iter()
                .map(|(epoch, _)| (epoch, value))
                .collect()
        };
        lines.push(Line {
            name: "word frequencies",
            points: level(summary.learnt.unigram_perplexity),
        });
    }
    let perplexity = chart("epochs", "perplexity per word", Scale::Logarithmic, &lines)?;
    let longest = folder.steps.iter().map(|step| step.step).max();
    let longest = longest.unwrap_or(1).max(1) as f64;
    let losses = folder.steps.iter().map(|step| {
        (
            step.epoch as f64 - 1.0 + step.step as f64 / longest,
            step.nll,
        )
    });
    let losses = [Line {
        name: "loss",
        points: losses.collect(),
    }];
    let loss = chart("epochs", "nats a word", Scale::FromZero, &losses)?;
    let scored = folder.epochs.iter().any(|epoch| epoch.score.is_some());
    Ok(html! {
        h2 { "Training" }
        div.side {
            @if let Some(perplexity) = perplexity { figure { (perplexity) } }
            @if let Some(loss) = loss { figure { (loss) } }
        }
        div.wide { table.many {
            thead { tr {
                th { "epoch" } th { "loss, learning" } th { "loss, held out" } th { "perplexity, held out" }
                @if scored { th { "score" } }
                th { "comments/s" } th { "seconds" } th {}
            } }
            tbody { @for epoch in &folder.epochs { tr {
                td data-title="epoch" { (epoch.epoch) }
                td data-title="loss, learning" { (format!("{:.3}", epoch.train_nll)) }
                td data-title="loss, held out" { (format!("{:.3}", epoch.dev_nll)) }
                td data-title="perplexity, held out" { (format!("{:.2}", epoch.dev_perplexity)) }
                @if scored { td data-title="score" { (epoch.score.map_or_else(String::new, |score| format!("{score:.4}"))) } }
                td data-title="comments/s" { (format!("{:.0}", epoch.comments_per_second)) }
                td data-title="seconds" { (format!("{:.1}", epoch.seconds)) }
                td { @if epoch.best { "best so far" } }
            } } }
        } }
    })
}

fn learnt_from(stats: &Stats) -> Result<Markup, Error> {
    let seconds = stats.time.as_ref().map(|time| {
        let counts = time.seconds.iter().enumerate();
        [Line {
            name: "comments",
            points: counts
                .map(|(at, &count)| (at as f64, count as f64))
                .collect(),
        }]
    });
    let seconds = match &seconds {
        Some(lines) => chart("seconds", "comments a second", Scale::FromZero, lines)?,
        None => None,
    };
    let total = |name: &str| stats.totals.get(name).copied().unwrap_or(0);
    Ok(html! {
        h2 { "The comments learnt from" }
        p {
            (total("comments")) " comments, of which " (total("deleted")) " deleted, " (total("owner")) " by the owner, "
            (total("rejected")) " could not be read; " (total("words")) " words, " (total("distinct_words")) " distinct."
        }
        @if let Some(seconds) = seconds { figure { (seconds) } }
        div.side {
            (words("Most frequent words", &stats.words))
            (words("Most frequent nouns", &stats.nouns))
            @if !stats.frames.is_empty() { table {
                caption { "Frames with the most comments" }
                thead { tr { th { "time" } th { "frame" } th { "comments" } } }
                tbody { @for (count, frame, time) in stats.frames.iter().take(ROWS) { tr { td { (time) } td { (frame) } td { (count) } } } }
            } }
            @if !stats.splits.is_empty() { table {
                caption { "Ways to split: distinct held-out comments that are also learnt from" }
                thead { tr { th { "by" } th { "learnt from" } th { "held out" } th { "leak" } } }
                tbody { @for (name, split) in &stats.splits { tr {
                    td { (name) } td { (split.train) } td { (split.dev) } td { (percent_of(usize::try_from(split.dev).unwrap_or(usize::MAX), split.leak)) }
                } } }
            } }
        }
    })
}

fn words(title: &str, rows: &[(String, u64)]) -> Markup {
    html! { table {
        caption { (title) }
        thead { tr { th { "word" } th { "times" } } }
        tbody { @for (word, count) in rows.iter().take(ROWS) { tr {
            td { bdi lang="ja" { (visible(word)) } } td { (count) }
        } } }
    } }
}

/// A word that can be seen: blanks by their code points, long ones cut.
fn visible(word: &str) -> String {
    if word.chars().all(|c| c.is_whitespace() || c.is_control()) {
        let codes: Vec<_> = word
            .chars()
            .take(4)
            .map(|c| format!("U+{:04X}", u32::from(c)))
            .collect();
        return codes.join(" ");
    }
    let mut text: String = word.chars().take(40).collect();
    if word.chars().nth(40).is_some() {
        text.push('…');
    }
    text
}

fn stages(summary: &RunSummary) -> Markup {
    let seconds = &summary.seconds;
    let rows = [
        ("tables of the comments", seconds.stats),
        ("features of the video learnt from", seconds.features),
        ("features of the target", seconds.target_features),
        ("training", seconds.train),
        ("writing comments", seconds.comment),
        ("drawing", seconds.render),
    ];
    html! {
        h2 { "Stages" }
        table {
            thead { tr { th { "stage" } th { "seconds" } } }
            tbody { @for (name, seconds) in rows { tr { td { (name) } td { (format!("{seconds:.1}")) } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{PageComments, folder::CommenterPart};
    use nico_comments::Vpos;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "</bdi><script>alert(1)</script>\u{202e}\u{7}&\"'";
        let folder = RunFolder {
            path: "</title><script>".into(),
            summary: None,
            stats: Some(
                serde_json::from_value(serde_json::json!({
                    "totals": {"comments": 3}, "words": [[hostile, 2], ["\u{3000}", 1]], "nouns": [], "frames": [[1, 2, hostile]],
                    "time": {"seconds": [1, 2]}, "splits": {hostile: {"train": 1, "dev": 1, "leak": 0.5}},
                }))
                .unwrap(),
            ),
            epochs: Vec::new(),
            steps: Vec::new(),
            comments: vec![Comment::new(Vpos(-5), hostile), Comment::new(Vpos(100), "草".repeat(100_000))],
            outdated_evaluation: None,
            evaluation: Some(format!("# {hostile}\n\n| a |\n| --- |\n| {hostile} |\n")),
            has_video: false,
            commenter: Some(CommenterPart {
                comments: vec![Comment::new(Vpos(3), hostile)],
                figures: Some(hostile.to_owned()),
                names: None,
                has_video: true,
            }),
        };
        let page = report_page(&folder, &[], None).unwrap();
        assert_eq!(page.matches("<script").count(), 1, "only the page's own");
        assert!(!page.contains("wasm-unsafe-eval"));
        assert!(
            page.contains("&lt;script&gt;alert(1)")
                && page.contains("U+3000")
                && page.contains("50.0 %")
        );
        assert_eq!(page.matches("class=\"watch\"").count(), 2);
        assert!(page.contains("src=\"commenter/commented.mp4\""));
        assert!(!page.contains('\u{7}') && page.len() < 40_000);

        // With a player: its script and its parts, whose bytes are text that ends nothing.
        let player = PagePlayer {
            script: "class CommentPlayer {}".to_owned(),
            module: b"</script><script>alert(2)</script>".to_vec(),
            fonts: vec![1; 1_000],
            video: "../\"><script>/video.mp4".to_owned(),
            comments: vec![
                PageComments::new(
                    "real",
                    "</script><script>",
                    &[Comment::new(Vpos(5), hostile).user("somebody")],
                )
                .unwrap(),
            ],
        };
        let page = report_page(&folder, &[], Some(&player)).unwrap();
        assert_eq!(page.matches("<script").count(), 5);
        assert!(page.contains("'wasm-unsafe-eval'") && !page.contains("alert(2)"));
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;"));
        assert!(page.contains("src=\"../&quot;&gt;&lt;script&gt;/video.mp4\""));
    }
}
