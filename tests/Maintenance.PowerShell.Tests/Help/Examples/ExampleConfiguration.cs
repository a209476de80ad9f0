using Maintenance.TestSupport;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>The configuration file that the examples take for granted.</summary>
internal static class ExampleConfiguration
{
    /// <summary>The text of the file.</summary>
    /// <param name="sandbox">What is production.</param>
    /// <param name="folder">Where stores and logs are.</param>
    /// <param name="azure">What answers for Azure.</param>
    /// <param name="others">Targets with a database of their name on the same server.</param>
    public static string Write(MaintenanceSandbox sandbox, string folder, Uri azure, IEnumerable<string> others) => $$"""
        {
          "defaultTarget": "production",
          "targets": {
            "production": {
              "database": { "host": "{{sandbox.Host}}", "port": {{sandbox.Port}}, "database": "{{sandbox.Database}}", "username": "{{sandbox.Username}}", "password": "env:PGPASSWORD" },
              "functions": { "baseUri": "{{sandbox.FunctionUri}}", "bearerToken": "env:SUPABASE_SERVICE_ROLE_KEY" },
              "backupStore": { "path": "{{sandbox.Target.BackupStore!.Path}}" },
              "artifactStore": { "path": "{{folder}}/artifacts" },
              "archiveStore": { "path": "{{folder}}/archive" },
              "channels": {
                "Default": { "webhook": "env:SLACK_WEBHOOK_URL" },
                "Emergency": { "webhook": "env:SLACK_EMERGENCY_WEBHOOK" },
                "Security": { "webhook": "env:SECURITY_SLACK_WEBHOOK" }
              },
              "retention": [
                { "table": "public.performance_alerts", "timeColumn": "created_at", "age": "30d", "action": "Delete" },
                { "table": "public.error_logs", "timeColumn": "timestamp", "age": "90d", "action": "ArchiveToTable", "destination": "public.error_logs_archive" }
              ],
              "repair": { "settle": "1s", "idleSession": "5s", "idleInTransaction": "5s" },
              "logRotation": [ { "path": "{{folder}}/logs", "include": ["*.log"], "compressAfter": "7d", "deleteAfter": "90d" } ],
              "security": { "azure": { "subscriptionId": "{{AzureResponses.Subscription}}", "endpoint": "{{azure}}" }, "sources": [ { "path": "{{folder}}/app" } ] },
              "history": { "kind": "Sqlite", "path": "{{sandbox.Target.History.Path}}" }
            },
            {{string.Join(",\n", others.Select(name => Other(sandbox, folder, name)))}}
          }
        }
        """;

    private static string Other(MaintenanceSandbox sandbox, string folder, string name) => $$"""
        "{{name}}": {
          "database": { "host": "{{sandbox.Host}}", "port": {{sandbox.Port}}, "database": "{{name}}", "username": "{{sandbox.Username}}", "password": "env:PGPASSWORD" },
          "backupStore": { "path": "{{sandbox.Target.BackupStore!.Path}}" },
          "artifactStore": { "path": "{{folder}}/{{name}}" },
          "channels": { "Default": { "webhook": "env:SLACK_WEBHOOK_URL" } },
          "history": { "kind": "Sqlite", "path": "{{folder}}/{{name}}.db" }
        }
        """;
}
