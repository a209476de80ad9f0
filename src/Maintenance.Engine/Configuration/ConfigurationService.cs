using System.Diagnostics.CodeAnalysis;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Configuration;

/// <summary>Configuration files and the targets they describe.</summary>
public sealed class ConfigurationService
{
    private readonly ConfigurationFiles _files;
    private readonly Func<string, string?> _environment;
    private readonly TargetProbe _probe;
    private readonly TimeProvider _time;

    internal ConfigurationService(DatabaseConnector database, TimeProvider time)
    {
        _environment = Environment.GetEnvironmentVariable;
        _files = new ConfigurationFiles(_environment, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        _probe = new TargetProbe(database, time);
        _time = time;
    }

    /// <summary>The targets that a request means: from parameters, the file and the environment, in this order.</summary>
    /// <param name="request">The request.</param>
    /// <param name="call">Where to tell which file is taken.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">ConfigurationNotFound, ConfigurationInvalid, TargetNotFound, InvalidArgument, FileUnavailable.</exception>
    public async Task<IReadOnlyList<MaintenanceTarget>> ResolveAsync(TargetRequest request, CallContext call, CancellationToken cancellationToken)
    {
        ConfigurationFile? file = null;
        if (!TargetResolver.IgnoresFile(request) && _files.Locate(request.Path, request.CurrentFolder) is { } location)
        {
            file = await ConfigurationFiles.ReadAsync(location, call.Sink, cancellationToken);
            file.ThrowIfInvalid();
        }

        return TargetResolver.Resolve(request, file, TargetEnvironment.Read(_environment));
    }

    /// <summary>
    /// Opens one session to a target's database to prove that it can be reached. Without a database there is nothing to prove. A server that answers
    /// that it has no connection left is there: this must not keep those away who find out why.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="call">Where to read secrets and tell what was found.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">Whatever keeps it from connecting.</exception>
    public async Task ConnectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            if (target.Database is not null)
            {
                await _probe.ConnectAsync(target, call, cancellationToken);
            }
        }
        catch (MaintenanceException exception) when (PostgresErrors.IsNoConnectionLeft(exception))
        {
            call.Sink.Warning($"{exception.Message} '{target.Name}' is connected all the same, and its role and password are not proven: Find-SystemIssue and Invoke-MaintenanceTask tell of it, and other cmdlets work as soon as there is a connection.");
        }
    }

    /// <summary>Checks a configuration file and, where asked, connects to its targets.</summary>
    /// <param name="request">The file, and the name of the one target to check; no name for all.</param>
    /// <param name="connect">True to connect to the targets and find out what their roles lack.</param>
    /// <param name="call">Where to read secrets.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">ConfigurationNotFound, FileUnavailable, TargetNotFound.</exception>
    public async Task<ConfigurationTestResult> TestAsync(TargetRequest request, bool connect, CallContext call, CancellationToken cancellationToken)
    {
        var location = _files.Locate(request.Path, request.CurrentFolder)
            ?? throw ConfigurationFiles.NotFound(Path.Combine(request.CurrentFolder, ConfigurationLocation.FileName));
        var file = await ConfigurationFiles.ReadAsync(location, call.Sink, cancellationToken);
        var problems = file.ProblemsOf(request.Name).ToList();
        var privileges = new List<MissingPrivilege>();
        IReadOnlyList<MaintenanceTarget> targets = [];
        if (file.IsValid)
        {
            var meant = request with { Path = file.Path, All = request.Name is null };
            targets = TargetResolver.Resolve(meant, file, TargetEnvironment.Read(_environment));
        }

        foreach (var target in targets.Where(target => connect && target.Database is not null))
        {
            try
            {
                privileges.AddRange(await _probe.FindMissingAsync(target, call, cancellationToken));
            }
            catch (MaintenanceException exception)
            {
                problems.Add(new ConfigurationProblem
                {
                    Path = file.Path,
                    JsonPath = $"$.targets.{target.Name}.database",
                    Message = $"{exception.Message} {exception.Recommendation}",
                });
            }
        }

        return new ConfigurationTestResult
        {
            Path = file.Path,
            IsValid = problems.All(problem => problem.IsWarning),
            Targets = [.. targets.Select(target => target.Name)],
            Problems = problems,
            MissingPrivileges = privileges,
            CollectedAt = _time.GetUtcNow(),
        };
    }

    /// <summary>Writes a starter file, and beside it the schema that editors complete and check it with.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="overwrite">True to replace a file.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">FileExists, FileUnavailable.</exception>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "Cmdlets reach every service through MaintenanceEngine.")]
    public Task WriteStarterAsync(string path, bool overwrite, CancellationToken cancellationToken) =>
        ConfigurationFiles.WriteStarterAsync(path, overwrite, cancellationToken);

    /// <summary>The names of the targets in a file, for completion: nothing if there is no file or it cannot be read.</summary>
    /// <param name="path">The file; null to look for it.</param>
    /// <param name="currentFolder">The folder the caller is in.</param>
    public IReadOnlyList<string> TargetNames(string? path, string currentFolder) => _files.TargetNames(path, currentFolder);
}
