using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Stores;

/// <summary>The one place where errors of stores get our codes, and what to do about them.</summary>
/// <remarks>The words of the service are never passed on: they may quote the address with its signature. Its error codes are.</remarks>
internal static class StoreErrors
{
    /// <summary>What a failed look at backups does not mean.</summary>
    private const string AboutBackups = "This says nothing about the backups.";

    /// <summary>Translates an exception. A cancellation stays one: who asked for it is known further up.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="store">The store, without secrets.</param>
    /// <param name="remark">What to add where the store could not be asked.</param>
    public static Exception Translate(Exception exception, string store, string remark = AboutBackups) => exception switch
    {
        MaintenanceException or SeekRefusedException => exception,
        AggregateException { InnerExceptions: [.., var last] } => Translate(last, store, remark),
        AuthenticationFailedException => new MaintenanceException(
            MaintenanceErrorCode.StoreAuthenticationFailed,
            $"No Azure identity could be used for the store {store}.",
            "Sign in (Connect-AzAccount, az login), use a managed identity, or give the store a connection string, account key or SAS.",
            exception.GetType().Name),
        RequestFailedException { Status: 0 } => Unreachable(exception, store, remark),
        RequestFailedException refused => FromService(refused, store, remark),
        TaskCanceledException or TimeoutException or HttpRequestException or SocketException => Unreachable(exception, store, remark),
        OperationCanceledException => exception,
        UnauthorizedAccessException => new MaintenanceException(
            MaintenanceErrorCode.PermissionDenied,
            $"A folder of the store {store} may not be read: {exception.Message}",
            "Let the account that runs this read the folder and everything below it."),
        DirectoryNotFoundException => FolderNotFound(store, isFile: false, remark),
        IOException => new MaintenanceException(
            MaintenanceErrorCode.StoreError,
            $"The folder {store} could not be read to its end: {exception.Message}",
            "Check the disk or the network share."),
        _ => exception,
    };

    /// <summary>The folder does not exist, or is a file.</summary>
    public static MaintenanceException FolderNotFound(string path, bool isFile, string remark = AboutBackups) => new(
        MaintenanceErrorCode.StoreNotFound,
        isFile ? $"The store {path} is a file, not a folder." : $"The folder {path} does not exist. {remark}".TrimEnd(),
        isFile ? "Name a folder." : $"Check the path, and that the disk or share is mounted. A new store needs its folder: New-Item -ItemType Directory '{path.Replace("'", "''", StringComparison.Ordinal)}'");

    /// <summary>A secret has not the form that is needed. The parser's own words may quote it.</summary>
    public static MaintenanceException MalformedSecret(string what, SecretReference reference) => new(
        MaintenanceErrorCode.StoreAuthenticationFailed,
        $"What {reference} holds is not a valid {what}.",
        "Copy it again from the storage account's access keys.");

    private static MaintenanceException Unreachable(Exception exception, string store, string remark)
    {
        var cause = exception.GetBaseException() switch
        {
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "no such host",
            SocketException socket => socket.SocketErrorCode.ToString(),
            TaskCanceledException or TimeoutException => "no answer in time",
            HttpRequestException http => http.HttpRequestError.ToString(),
            var other => other.GetType().Name,
        };
        return new MaintenanceException(
            MaintenanceErrorCode.StoreUnreachable,
            $"The store {store} cannot be reached: {cause}. {remark}".TrimEnd(),
            "Check the account's name, the network, and the storage firewall.");
    }

    private static MaintenanceException FromService(RequestFailedException refused, string store, string remark) => refused switch
    {
        { Status: 404 } => new MaintenanceException(
            MaintenanceErrorCode.StoreNotFound,
            $"The container of the store {store} does not exist ({Code(refused)}). {remark}".TrimEnd(),
            "Check the names of account and container."),
        { Status: 401 or 403 } => new MaintenanceException(
            MaintenanceErrorCode.StoreAuthenticationFailed,
            $"The store {store} refused the credentials ({Code(refused)}). {remark}".TrimEnd(),
            refused.ErrorCode switch
            {
                "AuthorizationPermissionMismatch" => "The SAS or identity may not list: it needs the List permission, or the role Storage Blob Data Reader.",
                _ => "Check the key, or the SAS and its expiry, and the storage firewall. The secret is looked up again with the next command.",
            }),
        { Status: 408 or 429 or >= 500 } => new MaintenanceException(
            MaintenanceErrorCode.StoreUnreachable,
            $"The store {store} is busy or failing ({refused.Status} {Code(refused)}).",
            "Try again in a moment; see the status of the storage account."),
        _ => new MaintenanceException(
            MaintenanceErrorCode.StoreError,
            $"The store {store} answered with an error ({refused.Status} {Code(refused)}).",
            "See the documentation of this error code of Azure Storage."),
    };

    // The code is a fixed word in the service's catalogue, but a proxy in between may send anything.
    private static string Code(RequestFailedException refused) =>
        refused.ErrorCode is { Length: > 0 and < 80 } code && code.All(char.IsAsciiLetterOrDigit) ? code : "no error code";
}
