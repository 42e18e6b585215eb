-- The most frequent words: `words` of `nico stats`.
select word, count(*) as said
from words
group by word
order by said desc, word
limit 30
