-- Comments by kind: `totals` of `nico stats`, and the first lines of `viewers`.
select
    count(*) as comments,
    count(case when deleted then 1 end) as deleted,
    count(case when fork = 'owner' then 1 end) as owner,
    (select coalesce(sum(rejected), 0) from files) as rejected,
    count(case when blank and not deleted then 1 end) as empty,
    count(case when fork = 'easy' then 1 end) as easy,
    count(case when script then 1 end) as scripts,
    count(case when speech then 1 end) as speech,
    count(case when speech and fork <> 'owner' then 1 end) as viewers,
    count(case when speech and fork <> 'owner' and premium then 1 end) as premium,
    count(case when speech and fork <> 'owner' and anonymous then 1 end) as anonymous,
    count(case when speech and fork <> 'owner' and comment_art then 1 end) as comment_art
from comments
