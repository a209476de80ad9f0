using System.ComponentModel;
using System.Globalization;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Sandbox;

/// <summary>Who runs PostgreSQL, which refuses to run as root: ourselves, or an account with fewer rights.</summary>
/// <param name="Owner">The account's user and group, as chown takes them; null if it is ourselves.</param>
/// <param name="Prefix">Program and arguments that run what follows them as that account.</param>
internal sealed record ServerAccount(string? Owner, IReadOnlyList<string> Prefix)
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    // Nothing that it starts gets rights back, by whatever program.
    private static readonly string[] WithoutRights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];

    /// <summary>Ourselves: for ordinary users; and on Windows, where the programs give up an administrator's rights themselves.</summary>
    public static ServerAccount Self { get; } = new(null, []);

    /// <summary>True if it is another account than ours.</summary>
    public bool IsOther => Owner is not null;

    /// <summary>Finds an account for servers.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <param name="least">
    /// True for the one with the fewest rights: 'nobody' before 'postgres', who may own the data of the machine's own servers.
    /// </param>
    /// <exception cref="MaintenanceException">SandboxStartFailed: this is root, and there is no way to be somebody else.</exception>
    public static async Task<ServerAccount> ChooseAsync(CancellationToken cancellationToken, bool least = false)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return Self;
        }

        var entries = await File.ReadAllLinesAsync("/etc/passwd", cancellationToken);
        foreach (var (name, user, group) in (least ? Candidates.Reverse() : Candidates).SelectMany(name => Parse(entries, name)))
        {
            string[][] prefixes =
            [
                .. least ? [["setpriv", "--reuid", user, "--regid", group, "--clear-groups", .. WithoutRights, "--"]] : Array.Empty<string[]>(),
                ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--"],
                ["runuser", "-u", name, "--"],
            ];
            foreach (var prefix in prefixes)
            {
                var account = new ServerAccount($"{user}:{group}", prefix);
                if (await account.CanRunAsync("true", [], cancellationToken))
                {
                    return account;
                }
            }
        }

        throw new MaintenanceException(
            MaintenanceErrorCode.SandboxStartFailed,
            "PostgreSQL does not run as root, and it could not be started as user 'postgres' or 'nobody'.",
            "Start the sandbox as an ordinary user, or install setpriv (util-linux).");
    }

    /// <summary>A call of a program as this account.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="workingDirectory">Where it runs; a folder that the account can enter.</param>
    public ProgramCall Call(string file, IReadOnlyList<string> arguments, string workingDirectory) => IsOther
        ? new ProgramCall(Prefix[0], [.. Prefix.Skip(1), file, .. arguments], workingDirectory)
        : new ProgramCall(file, arguments, workingDirectory);

    /// <summary>Whether this account can run a program.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    public async Task<bool> CanRunAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            return (await Call(file, arguments, "/").RunAsync(cancellationToken)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The entry of a user in the account file, unless it is another name for root.</summary>
    /// <param name="entries">Lines of /etc/passwd.</param>
    /// <param name="name">Name of the user.</param>
    internal static IEnumerable<(string Name, string User, string Group)> Parse(IEnumerable<string> entries, string name) =>
        from entry in entries
        let fields = entry.Split(':')
        where fields.Length >= 4 && fields[0] == name
            && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var user) && user > 0
            && uint.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select (name, fields[2], fields[3]);
}
