using System.Management.Automation;

namespace Maintenance.Host;

/// <summary>Progress as one line that is drawn over, at most ten times a second.</summary>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long _drawn;

    public void Show(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
        {
            Clear();
        }
        else if (_drawn == 0 || clock.GetElapsedTime(_drawn) >= Pause)
        {
            terminal.ShowStatus(Text(record));
            _drawn = clock.GetTimestamp();
        }
    }

    /// <summary>Takes the line away; what was stopped never tells that it has completed.</summary>
    public void Clear()
    {
        terminal.ClearStatus();
        _drawn = 0;
    }

    private static string Text(ProgressRecord record)
    {
        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : "";
        var operation = string.IsNullOrEmpty(record.CurrentOperation) ? "" : $" ({record.CurrentOperation})";
        return $"{record.Activity}: {record.StatusDescription}{operation}{percent}".ReplaceLineEndings(" ");
    }
}
