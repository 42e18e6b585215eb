-- What was found in each comment file: `files` of `nico stats`.
select f.file, f.show, f.episode, f.format, f.comments, f.deleted, f.owner, f.rejected, f.ends_early
from files f
order by f.file
