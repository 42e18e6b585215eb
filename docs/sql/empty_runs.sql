-- The longest runs of frames without a comment: `time.empty_runs` of `nico stats --video`. Frames
-- of a run have the same difference between their number and their place among the frames without a
-- comment.
with counts as (
    select frame, count(*) as comments from comments where speech group by frame
),
bare as (
    select f.frame, f.second, f.frame - cast(row_number() over (order by f.frame) as bigint) as run
    from frames f left join counts c on c.frame = f.frame
    where c.frame is null
)
select count(*) as frames, min(frame) as first_frame, min(second) as second
from bare
group by run
order by frames desc, first_frame
limit 30
