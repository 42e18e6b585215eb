-- Comments of each second: `time.seconds` of `nico stats --video`.
with counts as (
    select frame, count(*) as comments from comments where speech group by frame
)
select f.second, coalesce(sum(c.comments), 0) as comments
from frames f left join counts c on c.frame = f.frame
group by f.second
order by f.second
