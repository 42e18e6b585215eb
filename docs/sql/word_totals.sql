-- Words of the comments that speak: `words`, `distinct_words` and `distinct_nouns` of `nico stats`.
select
    count(*) as words,
    count(distinct word) as distinct_words,
    count(distinct case when noun then word end) as distinct_nouns
from words
