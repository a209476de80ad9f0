using System.Text.RegularExpressions;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What a statement is for, by its text: pg_stat_statements knows no application names. Pure.</summary>
internal static partial class StatementKinds
{
    /// <summary>The kind.</summary>
    /// <param name="text">The statement without literals and comments; null where it is not known.</param>
    public static QueryKind Of(string? text) => text switch
    {
        null => QueryKind.Unknown,
        _ when Session().IsMatch(text) || Driver().IsMatch(text) => QueryKind.Session,
        _ when Maintenance().IsMatch(text) || Dump().IsMatch(text) => QueryKind.Maintenance,
        _ => QueryKind.Application,
    };

    /// <summary>The statement without literals, as <see cref="QueryText"/> makes it. A dump's COPY of many columns is shortened in the middle: cut at its end, it could not be told from others.</summary>
    public static string Redact(string sql) =>
        QueryText.Redact(sql) is var text && text.Length == QueryText.MaximumLength && text.StartsWith("COPY ", StringComparison.Ordinal)
            ? QueryText.Redact(ManyColumns().Replace(QueryText.Redact(sql, QueryText.FetchLength), "$1(…)$2"))
            : text;

    /// <summary>Whether it waits for locks that others hold on rows or tables, where it waits at all.</summary>
    public static bool TakesLocks(string? text) => text is not null && Locking().IsMatch(text);

    /// <summary>Whether it deletes rows.</summary>
    public static bool Deletes(string? text) => text is not null && Deleting().IsMatch(text);

    // Transactions, settings, and what drivers and pools send when a connection is taken and given back.
    [GeneratedRegex(@"^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION|SET|RESET|SHOW|DISCARD|DEALLOCATE|CLOSE|LISTEN|UNLISTEN|SELECT (pg_catalog\.)?(set_config|pg_advisory_unlock_all|version) ?\([^()]*\);?$)(\W|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Session();

    // What Npgsql asks when it first meets a database.
    [GeneratedRegex(@"^SELECT (ns\.nspname, t\.oid, t\.typname, t\.typtype, t\.typnotnull|typ\.oid, att\.attname, att\.atttypid FROM pg_type|typ\.oid, enumlabel FROM pg_enum)", RegexOptions.IgnoreCase)]
    private static partial Regex Driver();

    [GeneratedRegex(@"^(VACUUM|ANALYZE|ANALYSE|REINDEX|CLUSTER|CHECKPOINT)(\W|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Maintenance();

    // pg_dump writes stdout in small letters, with a schema and a list of columns; psql's \copy writes STDOUT.
    [GeneratedRegex(@"^(COPY \S.* TO stdout;?$|LOCK TABLE \S.* IN ACCESS SHARE MODE( NOWAIT)?;?$)")]
    private static partial Regex Dump();

    [GeneratedRegex(@"^(UPDATE|DELETE|INSERT|MERGE|LOCK|ALTER|DROP|TRUNCATE|CREATE INDEX)\W|\WFOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)(\W|$)|^WITH\W.*\W(UPDATE|DELETE FROM|INSERT INTO)\W", RegexOptions.IgnoreCase)]
    private static partial Regex Locking();

    [GeneratedRegex(@"^(COPY [^(]+)\(.*\)( TO stdout;?)$")]
    private static partial Regex ManyColumns();

    [GeneratedRegex(@"^DELETE\W", RegexOptions.IgnoreCase)]
    private static partial Regex Deleting();
}
