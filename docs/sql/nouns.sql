-- The most frequent nouns: `nouns` of `nico stats`.
select word, count(*) as said
from words
where noun
group by word
order by said desc, word
limit 30
