using System.Net;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>What an HTTP answer means: a body that can be read, or which error it is. Bodies may hold personal data and are never quoted.</summary>
internal static class FunctionAnswer
{
    /// <summary>How much of a body is read.</summary>
    public const int MaximumBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads an answer.</summary>
    public static async Task<FunctionAttempt> ReadAsync(HttpResponseMessage response, string function, TimeProvider time, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            return new FunctionAttempt(null, status, OfStatus(function, response.StatusCode), RetryAfter(response, time));
        }

        try
        {
            return new FunctionAttempt(Parse(function, response, await ReadBodyAsync(function, response, cancellationToken)), status, null);
        }
        catch (MaintenanceException exception)
        {
            return new FunctionAttempt(null, status, exception);
        }
    }

    private static MaintenanceException OfStatus(string function, HttpStatusCode code) => (int)code switch
    {
        401 or 403 => Error(MaintenanceErrorCode.FunctionAuthenticationFailed, $"The function {function} refused the key ({(int)code}).", "Set functions.bearerToken to a valid JWT, or functions.apiKey for keys that begin with sb_; check that it has not expired and belongs to this project."),
        404 => Error(MaintenanceErrorCode.FunctionNotFound, $"There is no function {function} at this address (404).", "Check its name and functions.baseUri, and that it is deployed."),
        429 => Error(MaintenanceErrorCode.FunctionThrottled, $"The function {function} is asked too often (429).", "Wait, or raise the limit of the project."),
        >= 300 and < 400 => Error(MaintenanceErrorCode.FunctionRejected, $"The function {function} redirects elsewhere ({(int)code}), which is not followed: a key would go along.", "Set functions.baseUri to the final address."),
        408 or >= 500 => Error(MaintenanceErrorCode.FunctionFailed, $"The function {function} failed ({(int)code}).", "See its log: supabase functions logs, or the dashboard."),
        _ => Error(MaintenanceErrorCode.FunctionRejected, $"The function {function} rejected the request ({(int)code}).", "Check the action and its arguments."),
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };

    private static async Task<byte[]> ReadBodyAsync(string function, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaximumBytes)
            {
                throw Error(MaintenanceErrorCode.FunctionBodyTooLarge, $"The function {function} answered with more than {MaximumBytes / 1024} KiB, and the rest was not read.", "Ask for less, or find out what it sends.");
            }
        }

        return buffer.ToArray();
    }

    private static JObject Parse(string function, HttpResponseMessage response, byte[] bytes)
    {
        if (bytes.All(value => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            throw Error(MaintenanceErrorCode.FunctionBodyEmpty, $"The function {function} answered with nothing.", "See its log. An empty answer is no measurement.");
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        if (type is null || !(type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            throw Error(
                MaintenanceErrorCode.FunctionContentType,
                $"The function {function} answered with {(type is { Length: < 60 } ? type : "an unnamed kind of content")} instead of JSON.",
                "A page of a proxy or of the platform stands before the function: check functions.baseUri.");
        }

        try
        {
            // Dates stay the texts they are; what follows the object is not ignored.
            using var reader = new JsonTextReader(new StringReader(StrictUtf8.GetString(bytes))) { DateParseHandling = DateParseHandling.None, MaxDepth = 64 };
            var token = JToken.ReadFrom(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            if (token is JObject body && !reader.Read())
            {
                return body;
            }
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException or ArgumentException or OverflowException)
        {
            // The parser's own words may quote the body.
        }

        throw Error(MaintenanceErrorCode.FunctionBodyInvalid, $"The answer of the function {function} is no JSON object that can be read.", "See its log; ask it by hand with Invoke-EdgeFunction.");
    }

    private static MaintenanceException Error(MaintenanceErrorCode code, string message, string recommendation) => new(code, message, recommendation);
}
