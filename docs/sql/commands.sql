-- Viewers' comments by command: `positions`, `sizes` and `colors` of `nico stats`; those without a
-- row are 0.
with viewers as (
    select position, size, case when color like '#%' then 'code' else color end as color
    from comments
    where speech and fork <> 'owner'
)
select 'position' as kind, position as command, count(*) as comments from viewers group by position
union all
select 'size' as kind, size as command, count(*) as comments from viewers group by size
union all
select 'color' as kind, color as command, count(*) as comments from viewers group by color
order by kind, comments desc, command
