namespace Maintenance;

/// <summary>A part of the security audit.</summary>
public enum AuditPart
{
    /// <summary>Catalogue and settings of the database: ids DBSEC-*.</summary>
    Catalogue = 0,

    /// <summary>Row security, tried out: DBRLS-*.</summary>
    RowSecurity,

    /// <summary>Roles and what they do: ACCESS-*.</summary>
    Access,

    /// <summary>Vulnerable dependencies: DEP-*.</summary>
    Dependencies,

    /// <summary>Secrets in source code: SECRET-*.</summary>
    Secrets,

    /// <summary>Flaws in source code: CODE-*.</summary>
    Code,

    /// <summary>Data protection: GDPR-*.</summary>
    Compliance,

    /// <summary>Personal data: PII-*.</summary>
    PersonalData,

    /// <summary>The configuration of Azure resources: AZURE-*.</summary>
    Azure,
}
