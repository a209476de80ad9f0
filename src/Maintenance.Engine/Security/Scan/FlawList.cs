using System.Globalization;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Collects what a scanner tells, up to as much as is of use to anybody, and says when there was more.</summary>
internal sealed class FlawList
{
    /// <summary>How many are kept.</summary>
    public const int Most = 20_000;

    private readonly List<ScanFlaw> _flaws = [];
    private long _dropped;

    public int Count => _flaws.Count;

    public void Add(ScanFlaw flaw)
    {
        if (_flaws.Count < Most)
        {
            _flaws.Add(flaw);
        }
        else
        {
            _dropped++;
        }
    }

    public ScanReading ToReading() => new()
    {
        Flaws = FlawIdentity.Distinct(_flaws),
        Problem = _dropped > 0 ? string.Create(CultureInfo.InvariantCulture, $"it tells of {_dropped} flaws more than are kept") : null,
        Recommendation = _dropped > 0 ? "Scan fewer files at once, or mend the most frequent flaw first." : null,
    };
}
