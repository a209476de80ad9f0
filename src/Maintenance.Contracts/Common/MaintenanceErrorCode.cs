namespace Maintenance;

/// <summary>Stable identifiers of what can go wrong. They appear in FullyQualifiedErrorId and never change their meaning.</summary>
public enum MaintenanceErrorCode
{
    /// <summary>A fault of this module. Please report it.</summary>
    Unexpected = 0,

    /// <summary>The configuration file does not exist.</summary>
    ConfigurationNotFound,

    /// <summary>The configuration file is not valid; the message names line and path.</summary>
    ConfigurationInvalid,

    /// <summary>A file that would be written exists already.</summary>
    FileExists,

    /// <summary>A file or folder cannot be read or written.</summary>
    FileUnavailable,

    /// <summary>A parameter's value cannot be used.</summary>
    InvalidArgument,

    /// <summary>No target of this name is known.</summary>
    TargetNotFound,

    /// <summary>No target is connected in this session.</summary>
    TargetNotConnected,

    /// <summary>The target has no settings for what was asked.</summary>
    NotConfigured,

    /// <summary>A secret that was referred to does not exist or cannot be read.</summary>
    SecretNotFound,

    /// <summary>The database server does not answer.</summary>
    DatabaseUnreachable,

    /// <summary>The server answers, but the database does not exist.</summary>
    DatabaseNotFound,

    /// <summary>The server refused the user name or password.</summary>
    AuthenticationFailed,

    /// <summary>The role lacks a privilege; the recommendation says which.</summary>
    PermissionDenied,

    /// <summary>A statement ran longer than it may.</summary>
    StatementTimeout,

    /// <summary>A lock was not to be had in time.</summary>
    LockTimeout,

    /// <summary>The operation did not finish before its deadline.</summary>
    DeadlineExceeded,

    /// <summary>The operation was cancelled.</summary>
    Cancelled,

    /// <summary>The server is a standby or read-only, and the operation writes.</summary>
    DatabaseReadOnly,

    /// <summary>The connection goes through a transaction pooler, and the operation needs a session.</summary>
    PoolerNotSupported,

    /// <summary>The server is older or newer than what is supported.</summary>
    ServerVersionNotSupported,

    /// <summary>An extension that is needed is not installed.</summary>
    ExtensionMissing,

    /// <summary>An object does not exist or has another shape than expected.</summary>
    ObjectNotFound,

    /// <summary>Another run holds the lock of this target and task.</summary>
    AlreadyRunning,

    /// <summary>The server reported an error that has no code of its own here.</summary>
    DatabaseError,

    /// <summary>The store does not answer.</summary>
    StoreUnreachable,

    /// <summary>The store refused the credentials.</summary>
    StoreAuthenticationFailed,

    /// <summary>The container or folder does not exist.</summary>
    StoreNotFound,

    /// <summary>The store answered with an error that has no code of its own here.</summary>
    StoreError,

    /// <summary>No PostgreSQL server binaries, or no Azurite, were found for the sandbox.</summary>
    SandboxBinariesNotFound,

    /// <summary>The sandbox did not start.</summary>
    SandboxStartFailed,

    /// <summary>No such sandbox is running.</summary>
    SandboxNotFound,

    /// <summary>The history cannot be opened or written.</summary>
    HistoryUnavailable,

    /// <summary>The history file is damaged.</summary>
    HistoryCorrupt,

    /// <summary>The history was written by a newer version of this module.</summary>
    HistoryTooNew,

    /// <summary>No task of this name exists.</summary>
    TaskNotFound,

    /// <summary>A function does not answer: no such host, nobody listening, the connection broke.</summary>
    FunctionUnreachable,

    /// <summary>A function did not answer in the time of one attempt.</summary>
    FunctionTimeout,

    /// <summary>A function refused the key or token (401, 403).</summary>
    FunctionAuthenticationFailed,

    /// <summary>There is no function of this name (404).</summary>
    FunctionNotFound,

    /// <summary>A function asks to wait (429).</summary>
    FunctionThrottled,

    /// <summary>A function rejected the request (any other 4xx).</summary>
    FunctionRejected,

    /// <summary>A function failed (5xx).</summary>
    FunctionFailed,

    /// <summary>A function answered with something that is not JSON, such as a page of a proxy.</summary>
    FunctionContentType,

    /// <summary>A function answered with nothing.</summary>
    FunctionBodyEmpty,

    /// <summary>A function answered with JSON that cannot be read, or that is not an object.</summary>
    FunctionBodyInvalid,

    /// <summary>A function answered with more than is read.</summary>
    FunctionBodyTooLarge,

    /// <summary>A field that must be there is missing in a function's answer; the message has its path.</summary>
    FunctionFieldMissing,

    /// <summary>A field that must have a value is null in a function's answer; the message has its path.</summary>
    FunctionFieldNull,

    /// <summary>A field of a function's answer has another type or range than agreed; the message has its path.</summary>
    FunctionFieldInvalid,

    /// <summary>A function has failed so often just now that it is not asked again for a while.</summary>
    FunctionCircuitOpen,

    /// <summary>A function answered, but says of itself that it is not healthy.</summary>
    FunctionUnhealthy,

    /// <summary>There are too few measurements in the history to say anything about the window.</summary>
    InsufficientHistory,

    /// <summary>A table or column that the configuration maps to does not exist or has an unfit type.</summary>
    MappingInvalid,

    /// <summary>No channel of this name is configured, nor one to fall back on.</summary>
    ChannelNotFound,

    /// <summary>A webhook cannot be reached, or fails; the notification stays in the outbox where there is one.</summary>
    NotificationUndelivered,

    /// <summary>A webhook rejected a notification for good; trying again would not help.</summary>
    NotificationRejected,

    /// <summary>An artefact of this name exists already, and was not to be replaced.</summary>
    ArtifactExists,

    /// <summary>What the store holds after an upload is not what was sent.</summary>
    ArtifactMismatch,

    /// <summary>The work was stopped because it kept others waiting longer than it may.</summary>
    BlockedOthers,

    /// <summary>The system is in no state for heavy work: a standby lags, a slot or the archiver is in danger, space is short.</summary>
    UnsafeNow,

    /// <summary>The work would have no effect or wait in vain: somebody may still have to see what it would remove.</summary>
    HeldBack,

    /// <summary>No maintenance window of the target is open, and the work would change the system.</summary>
    OutsideWindow,

    /// <summary>The work does not fit the time that is left; it was put off.</summary>
    DoesNotFit,

    /// <summary>A check of a retention policy says that it may not touch its table, or not without -Force.</summary>
    RetentionRefused,

    /// <summary>A table cannot take the rows that are to move to it: columns are missing, or cannot hold every value.</summary>
    DestinationUnfit,

    /// <summary>What an archive holds is not what left the table, or is damaged.</summary>
    ArchiveMismatch,

    /// <summary>There is no such archive.</summary>
    ArchiveNotFound,

    /// <summary>These rows of an archive were restored before.</summary>
    AlreadyRestored,

    /// <summary>A partition that was taken out of its table could neither arrive nor go back, or was changed meanwhile: somebody has to look where its rows are.</summary>
    PartitionAdrift,

    /// <summary>The table has rows with the keys of those that are to come back already.</summary>
    KeyExists,

    /// <summary>There is no such backup in the store.</summary>
    BackupNotFound,

    /// <summary>pg_dump, pg_restore or another program of PostgreSQL is not on this machine in a version that fits.</summary>
    ProgramNotFound,

    /// <summary>A program of PostgreSQL failed.</summary>
    ProgramFailed,

    /// <summary>A backup of this name exists already.</summary>
    BackupExists,

    /// <summary>Somebody else changed the same records of the history at the same time.</summary>
    HistoryConflict,

    /// <summary>A remedy is not carried out: it is not enabled, too risky for what was asked, or did not help before.</summary>
    RemedyRefused,

    /// <summary>A remedy is not carried out since the run has carried out as many as it may: another run can.</summary>
    RemedyLimitReached,

    /// <summary>A library of the module is missing: it was copied or installed in part.</summary>
    ModuleIncomplete,
}
