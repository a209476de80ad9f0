using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Repair;

namespace Maintenance.Engine.Tests.Repair;

/// <summary>A target without a database, a history in a file, and one remedy that does as the test says.</summary>
internal sealed class RepairScene : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-repair-").FullName;
    private readonly DatabaseConnector _connector;

    public RepairScene()
    {
        Time = new ShiftedTime();
        _connector = new DatabaseConnector(Time);
        Target = new MaintenanceTarget
        {
            Name = $"repair-{Guid.NewGuid():N}",
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
            Repair = new RepairPolicy { Settle = TimeSpan.FromMilliseconds(1) },
        };
        Service = new RepairService(_connector, [Action], Looker, new HistoryService(_connector, Time), Time);
    }

    public MaintenanceTarget Target { get; set; }

    public ShiftedTime Time { get; }

    public FakeAction Action { get; } = new();

    public FakeLooker Looker { get; } = new();

    public RepairService Service { get; }

    public RecordingSink Sink { get; } = new();

    public Finding Finding => new()
    {
        Id = "TEST-ISSUE",
        Area = "Test",
        Severity = FindingSeverity.High,
        Message = "It is broken.",
        Subject = "thing",
        Target = Target.Name,
        Remedy = new Remedy { Kind = "Fake", Command = "rm -rf /", Risk = RemedyRisk.Low },
    };

    public Task<SystemRepair> RepairAsync(Finding? finding = null, RepairOptions? options = null, CancellationToken? token = null) =>
        Service.RepairAsync(Target, finding ?? Finding, options ?? new RepairOptions(), Calls.To(Sink), token ?? TestContext.Current.CancellationToken);

    /// <summary>What another process would see in the history.</summary>
    public Task<IReadOnlyList<SystemRepair>> KeptAsync() => new SqliteHistoryStore(Target.History.Path!, TimeProvider.System, HistoryMigrations.Of("sqlite"))
        .ReadRepairsAsync(Target.Name, DateTimeOffset.MinValue, TestContext.Current.CancellationToken);

    /// <summary>Another process with the same history.</summary>
    public RepairService Other() => new(_connector, [Action], Looker, new HistoryService(_connector, Time), Time);

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }

    internal sealed class FakeLooker : IIssueLooker
    {
        /// <summary>Null: the action measures by itself.</summary>
        public Func<Finding, IssueLook?> Look { get; set; } = _ => null;

        public Task<IssueLook?> FindAgainAsync(MaintenanceTarget target, Finding finding, CallContext call, CancellationToken cancellationToken) => Task.FromResult(Look(finding));
    }

    internal sealed class FakeAction : IRemedyAction
    {
        public bool? IsThere { get; set; } = true;

        public int Runs { get; private set; }

        public string Step { get; set; } = "mend it";

        public Func<RepairContext, CancellationToken, Task<string>> Work { get; set; } = (_, _) => Task.FromResult("It was mended.");

        public IReadOnlyList<string> Kinds { get; } = ["Fake"];

        public RemedyRisk LeastRisk { get; set; } = RemedyRisk.Low;

        public RemedyRisk Impact => RemedyRisk.Low;

        public bool IsImmediate { get; set; }

        public Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken) => Task.FromResult<IssueLook?>(new IssueLook(IsThere, $"{IsThere}"));

        public Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken) =>
            Task.FromResult(new RemedySteps([new RepairStep(Step, new Dictionary<string, string>())], "break it again"));

        public Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
        {
            Runs++;
            return Work(context, cancellationToken);
        }
    }
}
