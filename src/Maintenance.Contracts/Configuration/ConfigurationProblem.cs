namespace Maintenance;

/// <summary>One thing that is wrong with a configuration file.</summary>
public sealed record ConfigurationProblem
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Where in the file, as a JSON path: <c>$.targets.production.database.port</c>.</summary>
    public required string JsonPath { get; init; }

    /// <summary>Line, counted from 1; 0 if it is not known.</summary>
    public int Line { get; init; }

    /// <summary>Column, counted from 1; 0 if it is not known.</summary>
    public int Column { get; init; }

    /// <summary>What is wrong, and what would be right. Never quotes the file's values, which may be secrets.</summary>
    public required string Message { get; init; }

    /// <summary>True if the file can be used all the same.</summary>
    public bool IsWarning { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"line {Line}, {JsonPath}: {Message}" : $"{JsonPath}: {Message}";
}

/// <summary>A privilege that a cmdlet needs and the connected role does not have.</summary>
public sealed record MissingPrivilege
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The cmdlet that needs it.</summary>
    public required string Cmdlet { get; init; }

    /// <summary>What the cmdlet cannot tell or do without it.</summary>
    public required string Effect { get; init; }

    /// <summary>The statement that gives it, to be run by an administrator.</summary>
    public required string Grant { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}, {Cmdlet}: {Grant}";
}

/// <summary>The result of checking a configuration file.</summary>
public sealed record ConfigurationTestResult
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>True if the file can be used (warnings do not count) and, where asked, every target could be reached.</summary>
    public required bool IsValid { get; init; }

    /// <summary>The targets it describes.</summary>
    public IReadOnlyList<string> Targets { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; init => field = Readable.Copy(value); } = Readable.List<ConfigurationProblem>.Empty;

    /// <summary>What the connected roles lack; filled with <c>-Connect</c>.</summary>
    public IReadOnlyList<MissingPrivilege> MissingPrivileges { get; init => field = Readable.Copy(value); } = Readable.List<MissingPrivilege>.Empty;

    /// <summary>When it was checked (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }
}
