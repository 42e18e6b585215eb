-- The vocabulary of the 30,000 most frequent words, and what it knows of all that is said:
-- `vocabulary` of `nico stats`.
with counts as (
    select word, count(*) as said from words group by word
),
vocabulary as (
    select word, said, row_number() over (order by said desc, word) as place
    from counts
    where word not in ('<pad>', '<bos>', '<eos>', '<unk>')
)
select
    count(*) as words,
    min(said) as count_at_cut,
    cast(sum(said) as double) / (select count(*) from words) as coverage
from vocabulary
where place <= 30000
