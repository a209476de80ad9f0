using System.Collections.Concurrent;
using System.Security.Cryptography;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Npgsql;
using NpgsqlTypes;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// The edge functions of a sandbox: the four functions with their 22 actions, answered with numbers computed from its database, one
/// SQL text for each action. They can be made to misbehave.
/// </summary>
internal sealed class FunctionEndpoint(NpgsqlDataSource database)
{
    private static readonly TimeSpan SlowTime = TimeSpan.FromSeconds(3);

    /// <summary>The key it asks for, as bearer token or apikey.</summary>
    public string Token { get; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>What it does wrong.</summary>
    public FunctionFault Fault { get; set; }

    /// <summary>Which functions do it; none for all.</summary>
    public IReadOnlyList<string> FaultyFunctions { get; set; } = [];

    /// <summary>How much longer each answer takes.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>What optimize_performance does besides its statement; says so, or null where there was nothing to do.</summary>
    public Func<CancellationToken, Task<string?>>? Optimized { get; set; }

    /// <summary>What was asked: function and action, in the order of arrival.</summary>
    public ConcurrentQueue<(string Function, string Action)> Requests { get; } = new();

    /// <summary>Answers <c>/functions/v1/{function}</c>.</summary>
    public async Task<LoopbackAnswer?> AnswerAsync(LoopbackRequest request, CancellationToken cancellationToken)
    {
        if (request.Path is not ["functions", "v1", var function] || !FunctionCatalogue.Functions.Contains(function))
        {
            return Error(404, "There is no such function.");
        }

        if (request.Method != "POST")
        {
            return Error(405, "Use POST.");
        }

        var fault = FaultyFunctions.Count == 0 || FaultyFunctions.Contains(function, StringComparer.OrdinalIgnoreCase) ? Fault : FunctionFault.None;
        if (fault == FunctionFault.Http401 || !IsAllowed(request))
        {
            return Error(401, "Invalid JWT");
        }

        if (Parse(request.Body) is not { } body || body["action"] is not JValue { Type: JTokenType.String } named)
        {
            return Error(400, "Send a JSON object with an action.");
        }

        var action = (string)named!;
        Requests.Enqueue((function, action));
        await Task.Delay(Latency + (fault == FunctionFault.Slow ? SlowTime : TimeSpan.Zero), cancellationToken);
        switch (fault)
        {
            case FunctionFault.Http500:
                return Error(500, "Internal error");
            case FunctionFault.Html:
                return new LoopbackAnswer(200, "text/html", "<!doctype html><title>Sign in</title><h1>Please sign in</h1>");
            case FunctionFault.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return null;
            default:
                return await AskDatabaseAsync(function, action, body, fault, cancellationToken);
        }
    }

    private bool IsAllowed(LoopbackRequest request) => request.Header("Authorization") == $"Bearer {Token}" || request.Header("apikey") == Token;

    private async Task<LoopbackAnswer> AskDatabaseAsync(string function, string action, JObject body, FunctionFault fault, CancellationToken cancellationToken)
    {
        var known = FunctionCatalogue.All.Any(candidate => candidate.Function == function && candidate.Action == action);
        if (!known)
        {
            return Error(400, "Unknown action");
        }

        var text = action switch
        {
            FunctionCatalogue.HealthCheck => "health_check",
            "performance_baselines" => $"{function}/performance_analysis",
            "performance_metrics" => $"{function}/performance_report",
            _ => $"{function}/{action}",
        };
        if (action == "performance_metrics")
        {
            // The same figures over a shorter time.
            body["time_window"] ??= "15m";
        }

        try
        {
            await using var command = database.CreateCommand(SqlText.ReadMarked($"Sandbox/Functions/{text}.sql"));
            command.Parameters.Add(new NpgsqlParameter { Value = body.ToString(Formatting.None), NpgsqlDbType = NpgsqlDbType.Jsonb });
            var answer = JObject.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
            if (action == "optimize_performance" && Optimized is { } optimize && await optimize(cancellationToken) is { } done)
            {
                ((JArray)answer["actions"]!).Add(done);
            }

            return Answer(action, answer, fault);
        }
        catch (PostgresException exception) when (exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState == PostgresErrorCodes.NotNullViolation)
        {
            return Error(400, "An argument cannot be used.");
        }
        catch (NpgsqlException)
        {
            return Error(500, "The database failed.");
        }
    }

    private static LoopbackAnswer Answer(string action, JObject answer, FunctionFault fault)
    {
        if (fault == FunctionFault.MissingField)
        {
            foreach (var number in answer.Properties().Where(field => field.Value.Type is JTokenType.Integer or JTokenType.Float || field.Name == "status").ToList())
            {
                number.Remove();
            }
        }

        if (fault == FunctionFault.Unhealthy && action == FunctionCatalogue.HealthCheck)
        {
            answer["status"] = "unhealthy";
        }

        return LoopbackAnswer.Json(200, (action == FunctionCatalogue.HealthCheck ? answer : new JObject { ["result"] = answer }).ToString(Formatting.None));
    }

    private static JObject? Parse(string body)
    {
        try
        {
            return JObject.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LoopbackAnswer Error(int status, string message) => LoopbackAnswer.Json(status, new JObject { ["error"] = message }.ToString(Formatting.None));
}
