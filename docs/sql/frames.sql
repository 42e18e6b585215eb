-- The frames with the most comments, and the second in which each begins: `frames` of `nico stats
-- --video`.
with counts as (
    select frame, count(*) as comments from comments where speech group by frame
)
select c.comments, c.frame, f.second
from counts c join frames f on f.frame = c.frame
order by c.comments desc, c.frame
limit 30
