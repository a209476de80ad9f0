# Outlives the process that restores into a database of its own on somebody's server, and drops it once that process has ended.
# $1 psql, $2 the database; how to connect is in the environment. Standard input is a pipe that only the owner holds.
exec > /dev/null 2>&1
trap '' HUP INT QUIT TERM TSTP
program=$1
database=$2
cd /

while read -r line; do
    [ "$line" = done ] && exit 0
done

# A pg_restore that is still at work loses its connection by this; it may just be opening another.
tries=0
while [ "$tries" -lt 20 ]; do
    printf 'DROP DATABASE IF EXISTS %s WITH (FORCE);\n' "$database" | "$program" -X -q -v ON_ERROR_STOP=1 -f - && exit 0
    sleep 0.5
    tries=$((tries + 1))
done
