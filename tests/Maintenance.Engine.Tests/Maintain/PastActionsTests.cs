using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class PastActionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 2, 0, 0, TimeSpan.Zero);

    private static DbAction Action(string name, StepState state, int hoursAgo, long megabytes = 100, double seconds = 10, long oid = 0, DbActionKind kind = DbActionKind.Vacuum) => new()
    {
        Target = "target",
        Database = "app",
        Kind = kind,
        Schema = "public",
        Name = name,
        Oid = oid == 0 ? name.GetHashCode(StringComparison.Ordinal) & 0xFFFFFF : oid,
        Sql = "",
        Lock = "",
        State = state,
        Message = "",
        SizeBytes = megabytes << 20,
        StartedAt = Now.AddHours(-hoursAgo),
        Duration = TimeSpan.FromSeconds(seconds),
    };

    private static PastActions Past(params DbAction[] actions) => new([.. actions.OrderByDescending(action => action.StartedAt)]);

    private static (TimeSpan Duration, string From) Predict(PastActions past, string name, long megabytes) =>
        past.Predict(DbActionKind.Vacuum, Action(name, StepState.Planned, 0), megabytes << 20, 50 << 20);

    [Fact]
    public void An_object_is_known_by_its_identity_and_by_its_name_the_newest_first()
    {
        var past = Past(Action("a", StepState.Failed, 3, oid: 1), Action("renamed", StepState.Done, 2, oid: 1), Action("a", StepState.Skipped, 1, oid: 2));
        Assert.Equal(StepState.Skipped, past.Newest(DbActionKind.Vacuum, Action("a", StepState.Planned, 0, oid: 1))!.State);
        Assert.Equal("renamed", past.NewestDone(DbActionKind.Vacuum, Action("a", StepState.Planned, 0, oid: 1))!.Name);
        Assert.Null(past.Newest(DbActionKind.Reindex, Action("a", StepState.Planned, 0, oid: 1)));
    }

    [Fact]
    public void What_was_put_off_is_owed_in_its_order_until_something_else_became_of_it()
    {
        var past = Past(
            Action("a", StepState.Deferred, 1), Action("b", StepState.Deferred, 2), Action("c", StepState.Deferred, 3), Action("c", StepState.Done, 1), Action("d", StepState.Done, 4),
            Action("e", StepState.Deferred, 5, kind: DbActionKind.Reindex));
        Assert.Equal(["b", "a"], past.Deferred("app", DbActionKind.Vacuum).Select(action => action.Name));
        Assert.Empty(past.Deferred("other", DbActionKind.Vacuum));
    }

    [Fact]
    public void A_prediction_comes_from_the_object_s_own_past()
    {
        var past = Past(Action("a", StepState.Done, 1, 100, 10), Action("a", StepState.Done, 2, 100, 20), Action("a", StepState.Done, 3, 100, 10), Action("a", StepState.Failed, 4, 100, 999));
        Assert.Equal((TimeSpan.FromSeconds(20), "3 earlier run(s) on it"), Predict(past, "a", 200));
    }

    [Fact]
    public void Or_from_others_of_comparable_size_or_from_the_size_alone()
    {
        var others = Past([.. Enumerable.Range(0, 6).Select(i => Action($"x{i}", StepState.Done, i + 1, 100, 10))]);
        Assert.Equal((TimeSpan.FromSeconds(20), "6 earlier run(s) on other objects"), Predict(others, "a", 200));
        // What a small one took was mostly the statement itself.
        Assert.Equal((TimeSpan.FromSeconds(200), "its size, at an assumed 50 MB/s"), Predict(others, "a", 10_000));
        Assert.Equal((TimeSpan.FromSeconds(4), "its size, at an assumed 50 MB/s"), Predict(PastActions.None, "a", 200));
    }

    private static DbAction Vacuumed(string name, int hoursAgo, double seconds, long removed, long pages = 0, long megabytes = 100) =>
        Action(name, StepState.Done, hoursAgo, megabytes, seconds) with { Effect = new Dictionary<string, object?> { ["RowsRemoved"] = removed, ["PagesScanned"] = pages } };

    private static (TimeSpan Duration, string From) PredictWork(PastActions past, VacuumWork work) =>
        past.Predict(DbActionKind.Vacuum, Action("a", StepState.Planned, 0), work.Bytes, 50 << 20, work.IsLike);

    [Fact]
    public void A_vacuum_that_had_nothing_to_do_predicts_none_that_has()
    {
        var empty = Past(Vacuumed("a", 1, 0.015, 0), Vacuumed("a", 2, 0.015, 0));
        Assert.Equal((TimeSpan.FromSeconds(2), "its size, at an assumed 50 MB/s"), PredictWork(empty, new VacuumWork(100 << 20, 25_000, 0)));
        // But one that has nothing to do either.
        Assert.Equal((TimeSpan.FromSeconds(0.015), "2 earlier run(s) on it"), PredictWork(empty, new VacuumWork(100 << 20, 0, 0)));
    }

    [Fact]
    public void Only_runs_with_at_least_half_the_work_for_their_size_count()
    {
        var past = Past(Vacuumed("a", 1, 0.1, 12_499), Vacuumed("a", 2, 10, 12_500), Vacuumed("a", 3, 1, 1_250, megabytes: 10));
        Assert.Equal((TimeSpan.FromSeconds(10), "2 earlier run(s) on it"), PredictWork(past, new VacuumWork(100 << 20, 25_000, 0)));
        var frozen = Past(Vacuumed("a", 1, 0.1, 0, pages: 4_999), Vacuumed("a", 2, 8, 0, pages: 5_000));
        Assert.Equal((TimeSpan.FromSeconds(8), "1 earlier run(s) on it"), PredictWork(frozen, new VacuumWork(100 << 20, 0, 10_000)));
    }

    [Fact]
    public void What_took_long_with_less_to_do_is_the_least_that_more_will_take()
    {
        var slow = Past(Vacuumed("a", 1, 30, 100));
        Assert.Equal((TimeSpan.FromSeconds(30), "1 earlier run(s) on it with less to do"), PredictWork(slow, new VacuumWork(100 << 20, 25_000, 0)));
    }

    [Fact]
    public void What_is_not_on_record_is_not_comparable_and_others_must_have_had_the_work_too()
    {
        Assert.Equal("its size, at an assumed 50 MB/s", PredictWork(Past(Action("a", StepState.Done, 1, 100, 0.1)), new VacuumWork(100 << 20, 10, 0)).From);
        var others = Past([.. Enumerable.Range(0, 6).Select(i => Vacuumed($"x{i}", i + 1, 0.015, 0))]);
        Assert.Equal("its size, at an assumed 50 MB/s", PredictWork(others, new VacuumWork(100 << 20, 10, 0)).From);
        Assert.Equal("6 earlier run(s) on other objects", PredictWork(others, new VacuumWork(100 << 20, 0, 0)).From);
    }
}
