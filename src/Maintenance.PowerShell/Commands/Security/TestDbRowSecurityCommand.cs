using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Security;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tries out what made-up people can see, insert, update and delete in each table, and compares it with what is expected.</summary>
/// <remarks>
/// <para>Use it after changes of policies and grants, and in audits: the catalogue tells what policies say, this tells what they do. In a transaction that never
/// commits it takes on a role (SET LOCAL ROLE) and the claims of a request (request.jwt.claims), and tries. More than expected is a leak, a finding with
/// severity High; less is told too; what could not be tried is a finding with the reason, never taken for well.</para>
/// <para>Expectations are a JSON file, which -Generate writes from today's behaviour: read it before trusting it. Without one, strangers (anon, and authenticated with a random
/// id) must reach nothing in tables whose columns tell whose a row is, and write nowhere.</para>
/// <para>Without -Write the transactions are read-only. With it, updating and deleting are counted by statements that touch no row, and inserting is stopped by a constraint after policies
/// had their say: no row is written or locked, no sequence advances, no trigger fires. Where that cannot be had (triggers, rules, policies that call what no rollback
/// undoes), nothing is tried and the finding says why. It takes ROW EXCLUSIVE locks for moments, which wait no longer than 2 s.</para>
/// <para>Privileges: to be a member of each subject's role (from PostgreSQL 16 with the SET option), and to see every row of the tables. No superuser is
/// needed, and none should be used where you do not trust who wrote the functions that policies call: they run in this session. It changes nothing: every
/// transaction is rolled back.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">600</default>
/// <example>
/// <code>Test-DbRowSecurity</code>
/// <para>Shows what strangers can read in the schemas that the API offers.</para>
/// </example>
/// <example>
/// <code>
/// $a = @{ Name = 'A'; Role = 'authenticated'; Claims = @{ sub = '8b5a3c1e-0000-4000-8000-00000000000a' } }
/// $b = @{ Name = 'B'; Role = 'authenticated'; Claims = @{ sub = '8b5a3c1e-0000-4000-8000-00000000000b' } }
/// Test-DbRowSecurity -Subject anon, $a, $b -Write -Generate -ExpectationPath ./row-security.json
/// </code>
/// <para>Writes down what a visitor and two people can do today.</para>
/// </example>
/// <example>
/// <code>(Test-DbRowSecurity -ExpectationPath ./row-security.json -Write).Findings | Where-Object Outcome -eq Fail</code>
/// <para>Tells what has changed since: leaks, and what no longer works.</para>
/// </example>
/// <example>
/// <code>Test-DbRowSecurity -Name public.profiles, invoices* | Format-List</code>
/// <para>Looks at some tables, with what is wrong.</para>
/// </example>
/// <seealso cref="GetDbSecurityFindingCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "DbRowSecurity", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RowSecurityAccess))]
public sealed class TestDbRowSecurityCommand : TargetCmdlet
{
    // One file says what is expected of one database.
    private string? _generated;

    /// <summary>Tables and views: name or schema.name, OIDs, or rows of a cmdlet. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(TableCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [DbObject(IsPattern = true)]
    public DbObjectPattern[]? Name { get; set; }

    /// <summary>As whom to try: names of roles, or hashtables with Name, Role and Claims, and IsStranger where nothing can belong to them. Default: those of the expectations, else anon and authenticated with a random id.</summary>
    [Parameter]
    [RowSecuritySubject]
    [ValidateNotNullOrEmpty]
    public RowSecuritySubject[]? Subject { get; set; }

    /// <summary>The JSON file that says what each subject is meant to reach. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExpectationPath { get; set; }

    /// <summary>Writes what is so today to the file of -ExpectationPath instead of comparing with it; for one target, whose file it is. Default: compare.</summary>
    [Parameter]
    public SwitchParameter Generate { get; set; }

    /// <summary>Replaces the file that -Generate would write. Default: an existing file is an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Tries inserting, updating and deleting too, without reaching a row. Default: reading only.</summary>
    [Parameter]
    public SwitchParameter Write { get; set; }

    /// <summary>Schemas to look in. Default: those that the API offers, else all but the system's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Schema { get; set; }

    /// <summary>Rows are counted up to this; beyond it, Some and All are not told apart. Default: 1000.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int RowLimit { get; set; } = 1000;

    /// <summary>How many rows are copied at most to try inserting and giving away. Default: 20.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int SampleSize { get; set; } = 20;

    /// <summary>How long the attempts of one subject with one table may take: a TimeSpan, 10s or 1m. Default: 10 seconds.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var path = ExpectationPath is null ? null : await OnPipelineAsync(() => ResolvePath(ExpectationPath));
        if (Generate)
        {
            if (_generated is { } other)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.InvalidArgument,
                    $"-Generate writes one file, and '{path}' is of '{other}' already: nothing was written for '{target.Name}'.",
                    "Call it for each target with a file of its own.");
            }

            ReportFile.Check(path ?? throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Generate needs a file to write.", "Add -ExpectationPath ./row-security.json."), Force);
            _generated = target.Name;
        }

        var query = new RowSecurityQuery
        {
            Subjects = Subject ?? [],
            Schemas = Schema,
            Relations = Name is null ? null : Matcher(await Engine.RelationNames.PatternsAsync(target, Name, Call, cancellationToken)),
            Expectations = path is null || Generate ? null : await ReadAsync(path, cancellationToken),
            IncludeWrites = Write,
            RowLimit = RowLimit,
            SampleSize = SampleSize,
            AttemptTimeout = AttemptTimeout,
        };
        if (!Generate)
        {
            await foreach (var access in Engine.RowSecurity.TestAsync(target, query, Call, cancellationToken))
            {
                await WriteObjectAsync(access);
            }

            return;
        }

        query = await Engine.RowSecurity.WithSubjectsAsync(target, query, Call, cancellationToken);
        var all = new List<RowSecurityAccess>();
        await foreach (var access in Engine.RowSecurity.TestAsync(target, query, Call, cancellationToken))
        {
            all.Add(access);
            await WriteObjectAsync(access);
        }

        if (await ShouldProcessAsync(path!, "Write the expectations"))
        {
            await ReportFile.WriteAsync(path!, RowSecurityService.Describe(query, all), Force, cancellationToken);
        }
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(MaintenanceErrorCode.FileUnavailable, $"The expectations '{path}' cannot be read: {exception.Message}", "Write a file to begin with by -Generate.");
        }
    }

    private static Func<string, string, bool> Matcher(string[] names)
    {
        var fits = Wildcards.Matcher(names);
        return (schema, name) => fits(name) || fits($"{schema}.{name}");
    }
}
