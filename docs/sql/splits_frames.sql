-- Frames, seconds, blocks or the second half held out: `splits` of `nico stats --video`. Texts are
-- compared whole, and with the words that the vocabulary of 30,000 lacks replaced by the unknown
-- one, as the original compared them: then a comment is two sums over its words, each of the word's
-- place in the vocabulary and in the comment to the fifth power modulo a prime, 62 bits, which
-- every engine computes alike without aggregates of its own.
with counts as (
    select word, count(*) as said from words group by word
),
ranked as (
    select word, cast(row_number() over (order by said desc, word) as bigint) as id
    from counts
    where word not in ('<pad>', '<bos>', '<eos>', '<unk>')
),
vocabulary as (
    select word, id from ranked where id <= 30000
),
codes as (
    select w.file, w.comment, coalesce(v.id, 0) * 65536 + w.place as code
    from words w left join vocabulary v on v.word = w.word
),
squares as (
    select file, comment, code, (code * code) % 2147483647 as one, (code + 77777) * (code + 77777) % 2147483629 as two
    from codes
),
hashes as (
    select
        file,
        comment,
        sum((one * one) % 2147483647 * code % 2147483647) as one,
        sum((two * two) % 2147483629 * (code + 77777) % 2147483629) as two
    from squares
    group by file, comment
),
parts as (
    select frame, 'frames' as rule, part_frames as part from frames
    union all
    select frame, 'seconds' as rule, part_seconds as part from frames
    union all
    select frame, 'blocks' as rule, part_blocks as part from frames
    union all
    select frame, 'halves' as rule, part_halves as part from frames
),
said as (
    select c.file, c.comment, c.body, p.rule, p.part
    from comments c join parts p on p.frame = c.frame
    where c.speech
),
whole as (
    select
        rule,
        body,
        count(case when part = 'train' then 1 end) as train,
        count(case when part = 'dev' then 1 end) as dev,
        count(case when part = 'guard' then 1 end) as guard
    from said
    group by rule, body
),
known as (
    select
        s.rule,
        coalesce(h.one, 0) as one,
        coalesce(h.two, 0) as two,
        count(case when part = 'train' then 1 end) as train,
        count(case when part = 'dev' then 1 end) as dev,
        count(case when part = 'guard' then 1 end) as guard
    from said s left join hashes h on h.file = s.file and h.comment = s.comment
    group by s.rule, coalesce(h.one, 0), coalesce(h.two, 0)
)
select
    rule,
    'whole' as compared,
    coalesce(sum(train), 0) as train,
    coalesce(sum(dev), 0) as dev,
    coalesce(sum(guard), 0) as guard,
    count(*) as distinct_all,
    count(case when train > 0 then 1 end) as distinct_train,
    count(case when dev > 0 then 1 end) as distinct_dev,
    count(case when train > 0 and dev > 0 then 1 end) as shared
from whole
group by rule
union all
select
    rule,
    'known words' as compared,
    coalesce(sum(train), 0) as train,
    coalesce(sum(dev), 0) as dev,
    coalesce(sum(guard), 0) as guard,
    count(*) as distinct_all,
    count(case when train > 0 then 1 end) as distinct_train,
    count(case when dev > 0 then 1 end) as distinct_dev,
    count(case when train > 0 and dev > 0 then 1 end) as shared
from known
group by rule
order by rule, compared
