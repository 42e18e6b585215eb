-- How many frames have how many comments: `time.distribution` of `nico stats --video`.
with counts as (
    select frame, count(*) as comments from comments where speech group by frame
),
all_frames as (
    select coalesce(c.comments, 0) as comments from frames f left join counts c on c.frame = f.frame
)
select comments, count(*) as frames
from all_frames
group by comments
order by comments
