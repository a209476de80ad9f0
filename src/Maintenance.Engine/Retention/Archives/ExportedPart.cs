namespace Maintenance.Engine.Retention;

/// <summary>What a range held when it was looked at.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="Versions">Which versions of them.</param>
/// <param name="Oldest">The first time.</param>
/// <param name="Newest">The last time.</param>
/// <param name="Checksum">The checksum of their content, if it was asked for.</param>
internal sealed record RangeSummary(long Rows, string? Versions, string? Oldest, string? Newest, string? Checksum);

/// <summary>A range whose rows are in the store, and may be deleted if they are still the same.</summary>
/// <param name="Range">The range.</param>
/// <param name="Summary">What it held.</param>
/// <param name="Part">The file; null for a range that is to be taken first.</param>
internal sealed record ExportedPart(ArchiveRange Range, RangeSummary Summary, ArchivePart? Part);
