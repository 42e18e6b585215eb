-- Frames, those without a comment, and comments outside the video: `time` of `nico stats --video`.
with counts as (
    select frame, count(*) as comments, count(case when outside then 1 end) as outside
    from comments
    where speech
    group by frame
)
select
    count(*) as frames,
    count(case when c.comments is null then 1 end) as without_comments,
    cast(coalesce(sum(c.comments), 0) as double) / count(*) as mean,
    coalesce(sum(c.outside), 0) as outside
from frames f left join counts c on c.frame = f.frame
