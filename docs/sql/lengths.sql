-- Lengths of viewers' comments in characters: `lengths` of `nico stats`. A quantile is the length
-- that a share of the comments stay below; 1,024 stands for all from there on.
with lengths as (
    select char_length(body) as characters from comments where speech and fork <> 'owner'
),
whole as (
    select count(*) as comments, sum(characters) as characters, max(characters) as longest from lengths
),
counts as (
    select least(characters, 1024) as characters, count(*) as comments from lengths group by least(characters, 1024)
),
upto as (
    select characters, sum(comments) over (order by characters) as comments from counts
)
select
    cast(coalesce(max(w.characters), 0) as double) / greatest(max(w.comments), 1) as mean,
    min(case when u.comments > floor(cast(0.5 as double) * w.comments) then u.characters end) as median,
    min(case when u.comments > floor(cast(0.9 as double) * w.comments) then u.characters end) as p90,
    min(case when u.comments > floor(cast(0.99 as double) * w.comments) then u.characters end) as p99,
    max(w.longest) as longest
from whole w cross join upto u
