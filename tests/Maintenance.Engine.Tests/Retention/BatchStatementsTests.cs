using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class BatchStatementsTests
{
    private static readonly RetentionPolicy Policy = new() { Table = "t", TimeColumn = "at", Age = TimeSpan.FromDays(1), LegalHold = "t.id IN (SELECT id FROM public.holds)" };

    [Theory]
    [InlineData(RetentionAction.Delete)]
    [InlineData(RetentionAction.ArchiveToTable)]
    [InlineData(RetentionAction.Anonymise)]
    public void Every_statement_asks_for_the_hold_where_it_takes_the_row(RetentionAction action)
    {
        foreach (var sql in All(Of(action)))
        {
            var taking = sql[sql.IndexOf(action == RetentionAction.Anonymise ? "UPDATE public" : "DELETE FROM", StringComparison.Ordinal)..];
            Assert.Contains($"AND ({Policy.LegalHold}\n) IS NOT TRUE", taking[..taking.IndexOf("RETURNING", StringComparison.Ordinal)], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_those_that_leave_locked_rows_out_lock_rows_before_they_take_them()
    {
        var batches = Of(RetentionAction.ArchiveToTable).Batches;
        Assert.All([batches.Range, batches.Ties, batches.Blocks], sql => Assert.DoesNotContain("SKIP LOCKED", sql, StringComparison.Ordinal));
        Assert.All([batches.RangeOfFree, batches.TiesOfFree, batches.BlocksOfFree], sql => Assert.Contains("FOR UPDATE SKIP LOCKED", sql, StringComparison.Ordinal));
    }

    [Fact]
    public void A_place_of_a_partitioned_table_is_one_of_a_partition()
    {
        Assert.Contains("(tableoid, ctid) IN (SELECT part, place FROM picked)", Of(RetentionAction.Delete, kind: 'p').Batches.Ties, StringComparison.Ordinal);
        Assert.Contains("ctid = ANY (ARRAY(SELECT place FROM picked))", Of(RetentionAction.Delete).Batches.Ties, StringComparison.Ordinal);
    }

    [Fact]
    public void The_statement_that_is_shown_is_the_one_that_runs()
    {
        var indexed = Of(RetentionAction.Delete, index: "t_at");
        Assert.Equal(indexed.Batches.Range, indexed.Batch);
        var bare = Of(RetentionAction.Delete, index: null);
        Assert.Equal(bare.Batches.Blocks, bare.Batch);
        Assert.NotEqual(indexed.Batch, Of(RetentionAction.Delete, index: "t_at", verify: true).Batch);
    }

    [Fact]
    public void The_archive_gets_its_columns_by_name_and_is_compared_in_the_types_of_the_table()
    {
        var sql = Of(RetentionAction.ArchiveToTable, verify: true).Batch;
        Assert.Contains("INSERT INTO public.archive (id, at, name) OVERRIDING SYSTEM VALUE", sql, StringComparison.Ordinal);
        Assert.Contains("SELECT sum(hashtextextended(ROW(id, at, name)::text, 0)) FROM gone", sql, StringComparison.Ordinal);
        Assert.Contains("SELECT sum(hashtextextended(ROW(id::integer, at, name)::text, 0)) FROM kept", sql, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pseudonym_comes_from_a_parameter_and_is_known_again()
    {
        var sql = Of(RetentionAction.Anonymise).Batch;
        Assert.Contains("sha256(convert_to($4::text || name::text, 'UTF8'))", sql, StringComparison.Ordinal);
        Assert.Contains("name !~ '^anon:[0-9a-f]{32}$'", sql, StringComparison.Ordinal);
    }

    private static string[] All(RetentionStatements statements) =>
        [statements.Batches.Range, statements.Batches.RangeOfFree, statements.Batches.Ties, statements.Batches.TiesOfFree, statements.Batches.Blocks, statements.Batches.BlocksOfFree];

    private static RetentionStatements Of(RetentionAction action, char kind = 'r', string? index = "t_at", bool verify = false)
    {
        var policy = Policy with { Action = action, Anonymise = action == RetentionAction.Anonymise ? new Dictionary<string, AnonymiseMethod> { ["name"] = AnonymiseMethod.Pseudonym } : Policy.Anonymise };
        return new RetentionStatements(
            policy,
            new PolicyFacts
            {
                Table = Table("t", kind, new ColumnFacts("id", "id", "integer", true, false, false, false, 23, -1, false)),
                Archive = Table("archive", 'r', new ColumnFacts("id", "id", "bigint", true, false, false, true, 20, -1, false)),
                Time = new TimeColumnFacts(2, "at", "timestamp with time zone", TimeKind.Moment),
                ServerTime = DateTimeOffset.UnixEpoch,
                MajorVersion = 18,
                ServerVersion = "18.4",
                Database = "d",
                TimeIndexes = index is null ? [] : [index],
            },
            verify);
    }

    private static TableFacts Table(string name, char kind, ColumnFacts id) => new()
    {
        Oid = 1,
        QuotedName = $"public.{name}",
        QuotedRelation = name,
        Schema = "public",
        Name = name,
        Kind = kind,
        HidesRows = false,
        HasRules = false,
        HasChildren = false,
        IsOfTheSystem = false,
        IsOurs = true,
        MaySelect = true,
        MayDelete = true,
        MayInsert = true,
        MayUpdate = true,
        QuotedRole = "r",
        Columns = [id, new ColumnFacts("at", "at", "timestamp with time zone", false, false, false, false, 1184, -1, false), new ColumnFacts("name", "name", "text", false, false, false, false, 25, -1, true)],
    };
}
