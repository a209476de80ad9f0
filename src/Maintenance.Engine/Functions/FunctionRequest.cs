using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Maintenance.Engine.Configuration;
using Newtonsoft.Json;

namespace Maintenance.Engine.Functions;

/// <summary>A question to a function, with the keys it asks for.</summary>
internal sealed partial record FunctionRequest(Uri Address, string Function, string Action, string Body, string? BearerToken, string? ApiKey)
{
    /// <summary>Puts a question together.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, SecretNotFound.</exception>
    public static async Task<FunctionRequest> CreateAsync(
        MaintenanceTarget target, string function, string action, IReadOnlyDictionary<string, object?> arguments, ISecretVault vault, CancellationToken cancellationToken)
    {
        var settings = target.Functions ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' has no functions configured.",
            "Set functions.baseUri in maintenance.json, or SUPABASE_URL. If there are none on purpose, list Functions in excludedComponents.");
        Check(function, "function");
        Check(action, "action");
        return new FunctionRequest(
            new Uri($"{settings.BaseUri.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{function}"),
            function,
            action,
            Serialize(action, arguments),
            settings.BearerToken is { } bearer ? Header(bearer, await Secrets.ReadAsync(bearer, vault, cancellationToken)) : null,
            settings.ApiKey is { } key ? Header(key, await Secrets.ReadAsync(key, vault, cancellationToken)) : null);
    }

    /// <summary>The request as HTTP sends it; a new one for each attempt.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Address)
        {
            Content = new StringContent(Body, Encoding.UTF8, "application/json"),
            Version = System.Net.HttpVersion.Version11,
        };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.UserAgent.ParseAdd("Maintenance");
        if (BearerToken is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", BearerToken);
        }

        if (ApiKey is not null)
        {
            message.Headers.Add("apikey", ApiKey);
        }

        return message;
    }

    // Records print their members, and these hold keys.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(Function).Append(' ').Append(Action);
        return true;
    }

    // Part of an address: nothing that could lead to another one.
    private static void Check(string name, string what)
    {
        if (!Name().IsMatch(name))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"That is no name of a {what}: letters, digits, '-' and '_' only, at most 100 of them.",
                $"Functions are {string.Join(", ", FunctionCatalogue.Functions)}, and others that are deployed.");
        }
    }

    private static string Serialize(string action, IReadOnlyDictionary<string, object?> arguments)
    {
        var body = new Dictionary<string, object?>(arguments.Where(argument => argument.Key != "action")) { ["action"] = action };
        try
        {
            return JsonConvert.SerializeObject(body, new JsonSerializerSettings { MaxDepth = 32, ReferenceLoopHandling = ReferenceLoopHandling.Error });
        }
        catch (JsonException exception)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"The arguments of {action} cannot be written as JSON ({exception.GetType().Name}).",
                "Use texts, numbers, Booleans, lists and hashtables of them.");
        }
    }

    // The exception of a header with a line feed would quote it.
    private static string Header(SecretReference reference, string secret) =>
        secret.All(character => character is > ' ' and < (char)127) ? secret : throw new MaintenanceException(
            MaintenanceErrorCode.FunctionAuthenticationFailed,
            $"What {reference} holds is no key: it has blanks, line feeds or other characters that keys do not have.",
            "Copy it again from the project's API settings.");

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,100}\z")]
    private static partial Regex Name();
}
