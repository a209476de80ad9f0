using Npgsql;

namespace Maintenance.Engine.Sandbox;

internal static class SampleBackups
{
    public static async Task WriteAsync(
        NpgsqlDataSource administrator,
        string? pgDumpPath,
        Func<string, Stream, DateTimeOffset, CancellationToken, Task> store,
        TimeProvider time,
        IMaintenanceSink sink,
        CancellationToken cancellationToken)
    {
        var takenAt = time.GetUtcNow().AddHours(-2);
        using var content = new MemoryStream("PGDMP"u8.ToArray());
        await store($"postgres-{takenAt:yyyyMMdd-HHmmss}.dump", content, takenAt, cancellationToken);
    }
}
