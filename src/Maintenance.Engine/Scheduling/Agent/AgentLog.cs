using System.Globalization;
using Newtonsoft.Json;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>The structured log of an agent: one JSON object a line, one file a day (UTC), readable by its owner alone. A full disk does not stop the agent.</summary>
internal sealed class AgentLog : IDisposable
{
    private readonly string _folder;
    private readonly string _instance;
    private readonly IMaintenanceSink _sink;
    private readonly TimeProvider _time;
    private readonly Lock _writing = new();
    private StreamWriter? _file;
    private DateOnly _day;
    private bool _isBroken;

    public AgentLog(string instance, IMaintenanceSink sink, TimeProvider time)
    {
        _folder = Path.Combine(PrivateFiles.StateFolder, "logs", "agent");
        _instance = instance;
        _sink = sink;
        _time = time;
    }

    /// <summary>The file that is written to now.</summary>
    public string PathNow => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"agent-{_instance}-{_time.GetUtcNow().UtcDateTime:yyyyMMdd}.jsonl"));

    /// <summary>Writes a line.</summary>
    public void Write(string what, string? target, string? task, IReadOnlyList<(string Name, object? Value)> rest)
    {
        var line = new Dictionary<string, object?> { ["at"] = _time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture), ["event"] = what, ["instance"] = _instance };
        if (target is not null)
        {
            line["target"] = target;
        }

        if (task is not null)
        {
            line["task"] = task;
        }

        foreach (var (name, value) in rest)
        {
            line[name] = value switch
            {
                DateTimeOffset moment => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                Enum named => named.ToString(),
                double number => Math.Round(number, 3),
                _ => value,
            };
        }

        var text = JsonConvert.SerializeObject(line, Formatting.None);
        lock (_writing)
        {
            try
            {
                Open().WriteLine(text);
                _isBroken = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _file = null;
                if (!_isBroken)
                {
                    _isBroken = true;
                    _sink.Warning($"The agent's log cannot be written: {exception.Message}");
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // What did not fit the disk is told already.
            }

            _file = null;
        }
    }

    private StreamWriter Open()
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (_file is null || _day != today)
        {
            _file?.Dispose();
            _file = null;
            PrivateFiles.CreateFolder(_folder);
            _file = new StreamWriter(PrivateFiles.Append(PathNow)) { AutoFlush = true };
            _day = today;
        }

        return _file;
    }
}
