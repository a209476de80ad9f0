using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A service and a timer for each task.</summary>
internal static class SystemdWriter
{
    /// <summary>Writes them.</summary>
    public static ScheduleExport Write(IReadOnlyList<ExportedTask> tasks, DateTimeOffset now) => new()
    {
        Files = [.. tasks.SelectMany(task => Write(task, now))],
        Notes = [.. ScheduleExporter.Missing(tasks)],
    };

    private static string[] Needs(ExportedTask task) =>
    [
        $"Put both files into /etc/systemd/system; then: systemctl daemon-reload; systemctl enable --now maintenance-{task.Id}.timer",
        "It runs as the user maintenance (once: useradd --system --home-dir /var/lib/maintenance --shell /usr/sbin/nologin maintenance), with PowerShell 7.6,",
        "the module in /usr/local/share/powershell/Modules, the configuration /etc/maintenance/maintenance.json, which that user can read, and the secrets",
        "(NAME=value) of /etc/maintenance/secrets.env, which only root needs to read.",
    ];

    private static IEnumerable<ScheduleFile> Write(ExportedTask task, DateTimeOffset now)
    {
        var (times, asksWhetherDue) = SystemdCalendar.Of(task.Recurrence, now);
        var heading = ScheduleExporter.Comment(ScheduleExporter.Heading($"{task.Label}: {task.When}.", Needs(task), ScheduleExporter.Missing([task])));
        yield return new ScheduleFile($"maintenance-{task.Id}.service", string.Create(CultureInfo.InvariantCulture, $"""
            # maintenance-{task.Id}.service
            {heading}
            [Unit]
            Description=Maintenance: {task.Label}
            Wants=network-online.target
            After=network-online.target

            [Service]
            Type=oneshot
            ExecStart=pwsh -NoProfile -NonInteractive -Command '{task.OneLiner(asksWhetherDue).Replace("$", "$$", StringComparison.Ordinal)}'
            # A run with warnings is no failure of the unit.
            SuccessExitStatus=1
            TimeoutStartSec={task.Minutes}min
            User=maintenance
            EnvironmentFile=-/etc/maintenance/secrets.env
            Environment=MAINTENANCE_CONFIG=/etc/maintenance/maintenance.json HOME=/var/lib/maintenance
            WorkingDirectory=/var/lib/maintenance
            StateDirectory=maintenance
            StateDirectoryMode=0700
            UMask=0077
            NoNewPrivileges=yes
            CapabilityBoundingSet=
            PrivateTmp=yes
            PrivateDevices=yes
            ProtectSystem=strict
            ProtectHome=yes
            ProtectClock=yes
            ProtectHostname=yes
            ProtectKernelTunables=yes
            ProtectKernelModules=yes
            ProtectKernelLogs=yes
            ProtectControlGroups=yes
            RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            SystemCallArchitectures=native

            """).ReplaceLineEndings("\n"));
        yield return new ScheduleFile($"maintenance-{task.Id}.timer", $"""
            # maintenance-{task.Id}.timer
            {heading}
            [Unit]
            Description=Maintenance: {task.Label}, {task.When}

            [Timer]
            {string.Join('\n', times.Select(time => $"OnCalendar={time}"))}
            Persistent=true
            AccuracySec=1s

            [Install]
            WantedBy=timers.target

            """.ReplaceLineEndings("\n"));
    }
}
