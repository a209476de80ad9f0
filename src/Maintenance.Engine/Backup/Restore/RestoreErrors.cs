using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// What pg_restore and psql complain of while they restore, sorted by what it means. Pure. Only the messages are kept: the details
/// that follow them quote rows.
/// </summary>
/// <param name="isGuest">
/// True on somebody's server, where a dump's roles are not made and this role may not do everything: what fails for that says nothing
/// about the backup.
/// </param>
internal sealed partial class RestoreErrors(bool isGuest = false)
{
    private const int Kept = 20;

    private readonly List<(BackupFault Fault, string Message)> _errors = [];
    private readonly List<string> _leftOut = [];
    private readonly List<string> _denied = [];
    private string? _entry;
    private bool _isDerailed;

    /// <summary>Where statements of SQL text lie whose errors are told apart by it.</summary>
    public FedLines Lines { get; } = new();

    /// <summary>How many there were of any sort.</summary>
    public int Total { get; private set; }

    /// <summary>How many say something about the backup.</summary>
    public int Count { get; private set; }

    /// <summary>How many said nothing about the backup.</summary>
    public int Harmless { get; private set; }

    /// <summary>How many of these only tell that there is nothing to remove in a new database.</summary>
    public int Removals { get; private set; }

    /// <summary>How many came after a COPY had failed, when psql takes the rows for statements. Their words may be those of rows.</summary>
    public int Followers { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<(BackupFault Fault, string Message)> All => _errors;

    /// <summary>What was left out on somebody's server because its roles are not there.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>What this role may not do on somebody's server.</summary>
    public IReadOnlyList<string> Denied => _denied;

    /// <summary>True once the disk was full.</summary>
    public bool NoSpace { get; private set; }

    /// <summary>True once the connection was gone.</summary>
    public bool ConnectionLost { get; private set; }

    /// <summary>The first that says that the program cannot read such an archive; null if none does.</summary>
    public string? CannotRead { get; private set; }

    /// <summary>Reads a line that the program wrote.</summary>
    public void Read(string line)
    {
        if (Entry().Match(line) is { Success: true } entry)
        {
            _entry = entry.Groups[1].Value;
        }
        else if (Error().Match(line) is { Success: true } error)
        {
            Add(error.Groups[1].Value.Trim(), error.Groups["line"] is { Success: true } at ? long.Parse(at.ValueSpan, CultureInfo.InvariantCulture) : null);
            _entry = null;
        }
    }

    /// <summary>Notes an error in our own words.</summary>
    public void Add(string message) => Add(message, null);

    private void Add(string message, long? line)
    {
        Total++;
        NoSpace |= FullDisk().IsMatch(message);
        ConnectionLost |= LostConnection().IsMatch(message);
        CannotRead ??= Unreadable().IsMatch(message) ? message : null;
        if (IsHarmless(message))
        {
            Harmless++;
            return;
        }

        if (line is { } at && Lines.IsRemoval(at) && message.EndsWith("does not exist", StringComparison.Ordinal))
        {
            (Harmless, Removals) = (Harmless + 1, Removals + 1);
            return;
        }

        if (_isDerailed)
        {
            (Count, Followers) = (Count + 1, Followers + 1);
            return;
        }

        // psql cannot tell rows from statements once the COPY before them has failed.
        _isDerailed = line is { } copy && (Lines.IsCopy(copy) || (Count > 0 && message.Contains("syntax error", StringComparison.Ordinal)));
        message = WithoutRows(message, line is not null && Count > 0);
        var text = _entry is null ? message : $"{message} ({_entry})";
        if (isGuest && MissingRole().IsMatch(message))
        {
            Keep(_leftOut, text);
        }
        else if (isGuest && MissingRight().IsMatch(message))
        {
            Keep(_denied, text);
        }
        else
        {
            Count++;
            Keep(_errors, (FaultOf(message), text));
        }
    }

    private static void Keep<T>(List<T> list, T item)
    {
        if (list.Count < Kept)
        {
            list.Add(item);
        }
    }

    /// <summary>
    /// What says nothing about the backup: that the schema public exists already in a new database; and settings of a newer pg_dump
    /// that an older server does not know, which only concern the session of the restore.
    /// </summary>
    internal static bool IsHarmless(string message) =>
        message.EndsWith("schema \"public\" already exists", StringComparison.Ordinal) || UnknownSetting().IsMatch(message);

    // The server quotes a value that it cannot read at the end of its message.
    private static string WithoutRows(string message, bool mayBeRow)
    {
        var text = Value().Replace(message, "…");
        return mayBeRow ? Near().Replace(text, "…") : text;
    }

    internal static BackupFault FaultOf(string message) =>
        Violation().IsMatch(message) ? BackupFault.ConstraintInvalid
        : Damage().IsMatch(message) ? BackupFault.DataDamaged
        : BackupFault.RestoreFailed;

    [GeneratedRegex(@"^pg_restore: from TOC entry [\d; ]*(.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^(?:pg_restore|psql)(?::<stdin>:(?<line>\d+))?: (?:(?:error|fatal): )?(?:could not execute query: |(?=COPY failed))?((?:ERROR|FATAL|PANIC): .*|(?<=(?:error|fatal): (?:could not execute query: )?).*)$")]
    private static partial Regex Error();

    [GeneratedRegex("""(?<=: ").*?(?="?$)|(?<=^ERROR:  value ").*(?=" is out of range)""")]
    private static partial Regex Value();

    [GeneratedRegex("""(?<=at or near ").*?(?="?$)|(?<=invalid command \\).*$""")]
    private static partial Regex Near();

    [GeneratedRegex("violates (?:foreign key|unique|check|not-null|exclusion) constraint|could not create (?:unique index|exclusion constraint)|is violated by some row|contains null values")]
    private static partial Regex Violation();

    [GeneratedRegex("could not (?:read from input file|uncompress data|find block ID|decompress)|unexpected end of file|corrupt|found unexpected block ID|unrecognized data block type|invalid byte sequence|unexpected message|invalid compressed|input file appears")]
    private static partial Regex Damage();

    [GeneratedRegex("server closed the connection|connection to server (?:was|at .*) ?(?:lost|failed)|terminating connection|lost synchronization|could not connect")]
    private static partial Regex LostConnection();

    // The first words are the system's; the others are the server's where only a part was written.
    [GeneratedRegex(@"No space left on device|could not extend file .*wrote only \d+ of \d+ bytes")]
    private static partial Regex FullDisk();

    [GeneratedRegex("role \".*\" does not exist|must be owner of extension ")]
    private static partial Regex MissingRole();

    [GeneratedRegex("permission denied|must be (?:superuser|owner|able to)|superuser")]
    private static partial Regex MissingRight();

    [GeneratedRegex("unsupported version .* in file header|this build does not support compression|not built with .* support")]
    private static partial Regex Unreadable();

    [GeneratedRegex("unrecognized configuration parameter \"(?:transaction_timeout|idle_session_timeout|default_table_access_method|default_toast_compression)\"")]
    private static partial Regex UnknownSetting();
}
