using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class PolicyJudgeTests
{
    private static readonly RetentionPolicy Deleting = new() { Table = "public.t", TimeColumn = "at", Age = TimeSpan.FromDays(30) };
    private static readonly RetentionPolicy Archiving = Deleting with { Action = RetentionAction.ArchiveToTable, Destination = "public.t_archive" };

    private static readonly ColumnFacts Id = Column("id", "bigint", 20) with { IsNotNull = true };
    private static readonly ColumnFacts At = Column("at", "timestamp with time zone", 1184);
    private static readonly ColumnFacts Note = Column("note", "text", 25) with { IsText = true };

    private static readonly TableFacts Table = new()
    {
        Oid = 1,
        QuotedName = "public.t",
        QuotedRelation = "t",
        Schema = "public",
        Name = "t",
        Kind = 'r',
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
        Columns = [Id, At, Note],
    };

    private static readonly PolicyFacts Facts = new()
    {
        Table = Table,
        Time = new TimeColumnFacts(2, "at", "timestamp with time zone", TimeKind.Moment),
        ServerTime = DateTimeOffset.UnixEpoch,
        MajorVersion = 18,
        ServerVersion = "18.4",
        Database = "d",
        TimeIndexes = ["t_at_idx"],
    };

    private static PolicyFacts With(TableFacts archive) => Facts with { Archive = archive };

    private static TableFacts ArchiveTable(params ColumnFacts[] columns) => Table with { Oid = 2, QuotedName = "public.t_archive", Name = "t_archive", Columns = columns };

    private static ColumnFacts Column(string name, string type, long oid) => new(name, name, type, false, false, false, false, oid, -1, false);

    private static MaintenanceException? Refusal(RetentionPolicy policy, PolicyFacts facts, bool force = false) => PolicyJudge.Decide(policy, facts, force).Refusal;

    [Fact]
    public void A_fit_policy_is_let_through()
    {
        Assert.Null(Refusal(Deleting, Facts));
        Assert.Null(Refusal(Archiving, With(ArchiveTable(Note, At, Id, Column("archived_at", "timestamp with time zone", 1184)))));
        Assert.Empty(PolicyJudge.Decide(Deleting, Facts, force: false).Notes);
    }

    public static TheoryData<object, MaintenanceErrorCode, string> NeverAllowed => new()
    {
        { Facts with { Table = Table with { Kind = 'm' } }, MaintenanceErrorCode.RetentionRefused, "no table that rows may leave" },
        { Facts with { Table = Table with { IsOfTheSystem = true } }, MaintenanceErrorCode.RetentionRefused, "no table that rows may leave" },
        { Facts with { Time = null }, MaintenanceErrorCode.MappingInvalid, "has no column at" },
        { Facts with { Time = Facts.Time! with { Kind = null, Type = "integer" } }, MaintenanceErrorCode.MappingInvalid, "is integer" },
        { Facts with { Table = Table with { HidesRows = true } }, MaintenanceErrorCode.PermissionDenied, "hides rows" },
        { Facts with { Table = Table with { HasRules = true } }, MaintenanceErrorCode.RetentionRefused, "has rules" },
        { Facts with { Table = Table with { HasChildren = true } }, MaintenanceErrorCode.RetentionRefused, "inherit" },
        { Facts with { Table = Table with { MayDelete = false } }, MaintenanceErrorCode.PermissionDenied, "lacks DELETE" },
        { Facts with { Table = Table with { MaySelect = false, MayDelete = false } }, MaintenanceErrorCode.PermissionDenied, "lacks SELECT and DELETE" },
    };

    [Theory]
    [MemberData(nameof(NeverAllowed))]
    public void What_would_lose_or_hide_rows_is_refused_even_when_forced(object facts, MaintenanceErrorCode code, string message)
    {
        foreach (var force in new[] { false, true })
        {
            var refusal = Refusal(Deleting, (PolicyFacts)facts, force);
            Assert.Equal(code, refusal?.Code);
            Assert.Contains(message, refusal!.Message, StringComparison.Ordinal);
            Assert.NotEmpty(refusal.Recommendation);
        }
    }

    [Fact]
    public void An_archive_that_could_lose_a_value_is_refused_with_the_statement_that_mends_it()
    {
        Unfit(ArchiveTable(Id, At), "lacks column(s)", "ALTER TABLE public.t_archive ADD COLUMN note text;");
        Unfit(ArchiveTable(Id, At, Note with { Type = "character varying(10)", TypeOid = 1043, TypeModifier = 14 }), "cannot hold every value", "ALTER COLUMN note TYPE text;");
        Unfit(ArchiveTable(Id with { Type = "integer", TypeOid = 23 }, At, Note), "id (bigint into integer)", "ALTER COLUMN id TYPE bigint;");
        Unfit(ArchiveTable(Id, At, Note with { IsGenerated = true }), "a generated column", "ALTER COLUMN note DROP EXPRESSION;");
        Unfit(ArchiveTable(Id, At, Note, Column("why", "text", 25) with { IsNotNull = true }), "NOT NULL column(s) without a default", "ALTER COLUMN why DROP NOT NULL;");
        Unfit(ArchiveTable(Id, At, Note) with { HasRules = true }, "has rules", "triggers");
        Unfit(ArchiveTable(Id, At, Note) with { Kind = 'v' }, "no table that rows may move to", "partitioned");
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, Refusal(Archiving, With(ArchiveTable(Id, At, Note) with { MayInsert = false }))!.Code);
        Assert.Contains("its own archive", Refusal(Archiving, With(Table))!.Message, StringComparison.Ordinal);

        void Unfit(TableFacts archive, string message, string recommendation)
        {
            var refusal = Refusal(Archiving, With(archive), force: true)!;
            Assert.Equal(MaintenanceErrorCode.DestinationUnfit, refusal.Code);
            Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(recommendation, refusal.Recommendation, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_archive_may_be_wider()
    {
        var wide = With(ArchiveTable(Id with { Type = "numeric", TypeOid = 1700 }, At, Note)) with { LosslessCasts = new HashSet<(long, long)> { (20, 1700) } };
        Assert.Null(Refusal(Archiving, wide));
        Assert.NotNull(Refusal(Archiving, wide with { Archive = ArchiveTable(Id with { Type = "numeric(4,0)", TypeOid = 1700, TypeModifier = 262148 }, At, Note) }));
        // The same type without its limit holds everything.
        Assert.Null(Refusal(Archiving, With(ArchiveTable(Id, At, Note)) with { Table = Table with { Columns = [Id, At, Note with { Type = "text", TypeModifier = -1 }] } }));
    }

    [Theory]
    [InlineData('c', "be deleted")]
    [InlineData('n', "lose the reference")]
    [InlineData('d', "lose the reference")]
    public void Rows_of_other_tables_go_along_only_when_forced(char onDelete, string message)
    {
        var facts = Facts with { ReferringTables = [new ReferringTable("public.child", "child_fk", onDelete, IsIndexed: true, "t_id")] };
        Assert.Equal(MaintenanceErrorCode.RetentionRefused, Refusal(Deleting, facts)!.Code);
        Assert.Contains(message, Refusal(Deleting, facts)!.Message, StringComparison.Ordinal);
        var forced = PolicyJudge.Decide(Deleting, facts, force: true);
        Assert.Null(forced.Refusal);
        Assert.StartsWith("Forced: ", Assert.Single(forced.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_index_it_is_refused_with_the_one_to_create_unless_forced()
    {
        var facts = Facts with { TimeIndexes = [] };
        Assert.StartsWith("CREATE INDEX CONCURRENTLY ON public.t (at);", Refusal(Deleting, facts)!.Recommendation, StringComparison.Ordinal);
        Assert.Null(Refusal(Deleting, facts, force: true));
        Assert.DoesNotContain("CONCURRENTLY ON", Refusal(Deleting, facts with { Table = Table with { Kind = 'p' } })!.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_referring_table_without_an_index_is_refused_with_the_one_to_create()
    {
        var facts = Facts with { ReferringTables = [new ReferringTable("public.child", "child_fk", 'a', IsIndexed: false, "t_id")] };
        Assert.StartsWith("CREATE INDEX CONCURRENTLY ON public.child (t_id);", Refusal(Deleting, facts)!.Recommendation, StringComparison.Ordinal);
        Assert.Equal(2, PolicyJudge.Decide(Deleting, facts, force: true).Notes.Count);
    }

    [Fact]
    public void Anonymising_needs_columns_that_can_be_overwritten()
    {
        RetentionPolicy Over(string column, AnonymiseMethod method) => Deleting with { Action = RetentionAction.Anonymise, Anonymise = new Dictionary<string, AnonymiseMethod> { [column] = method } };
        Assert.Null(Refusal(Over("note", AnonymiseMethod.Null), Facts));
        Assert.Null(Refusal(Over("note", AnonymiseMethod.Pseudonym), Facts));
        Assert.Contains("has no column", Refusal(Over("nothing", AnonymiseMethod.Null), Facts)!.Message, StringComparison.Ordinal);
        Assert.Contains("NOT NULL", Refusal(Over("id", AnonymiseMethod.Null), Facts)!.Message, StringComparison.Ordinal);
        Assert.Contains("not text", Refusal(Over("id", AnonymiseMethod.Redact), Facts)!.Message, StringComparison.Ordinal);
        // It changes rows, and deletes none.
        Assert.Null(Refusal(Over("note", AnonymiseMethod.Null), Facts with { Table = Table with { MayDelete = false }, ReferringTables = [new ReferringTable("c", "f", 'c', false, "x")] }));
        Assert.Contains("UPDATE", Refusal(Over("note", AnonymiseMethod.Null), Facts with { Table = Table with { MayUpdate = false } })!.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Triggers_and_zones_are_told()
    {
        var facts = Facts with
        {
            Table = Table with { Triggers = [new TriggerFacts("audit", false, false, true, false), new TriggerFacts("touch", true, false, false, true)] },
            Time = Facts.Time! with { Kind = TimeKind.WallClock },
        };
        var notes = PolicyJudge.Decide(Deleting with { TimeZone = "Europe/Berlin" }, facts, force: false).Notes;
        Assert.Equal(["Trigger(s) of public.t will run: audit.", "at has no time zone; its times are taken as those of Europe/Berlin."], notes);
    }
}
