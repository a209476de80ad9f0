using Maintenance.Engine.Security;
using Maintenance.Engine.Security.PersonalData;
using System.Text.RegularExpressions;

namespace Maintenance.EngineTests.Security;

/// <summary>What names announce, in four languages, and which only seem to.</summary>
public sealed class PersonalDataNamesTests
{
    [Theory]
    [InlineData("email", PersonalDataCategory.Email)]
    [InlineData("userEmail", PersonalDataCategory.Email)]
    [InlineData("E-Mail-Adresse", PersonalDataCategory.Email)]
    [InlineData("contact_emails", PersonalDataCategory.Email)]
    [InlineData("courriel", PersonalDataCategory.Email)]
    [InlineData("correo_electrónico", PersonalDataCategory.Email)]
    [InlineData("PhoneNumber", PersonalDataCategory.Phone)]
    [InlineData("Telefonnummer", PersonalDataCategory.Phone)]
    [InlineData("teléfono", PersonalDataCategory.Phone)]
    [InlineData("numero_telephone", PersonalDataCategory.Phone)]
    [InlineData("first_name", PersonalDataCategory.Name)]
    [InlineData("lastName", PersonalDataCategory.Name)]
    [InlineData("Vorname", PersonalDataCategory.Name)]
    [InlineData("prénom", PersonalDataCategory.Name)]
    [InlineData("apellidos", PersonalDataCategory.Name)]
    [InlineData("customerName", PersonalDataCategory.Name)]
    [InlineData("street_address", PersonalDataCategory.Address)]
    [InlineData("Straße", PersonalDataCategory.Address)]
    [InlineData("plz", PersonalDataCategory.Address)]
    [InlineData("code_postal", PersonalDataCategory.Address)]
    [InlineData("dirección", PersonalDataCategory.Address)]
    [InlineData("address_line_2", PersonalDataCategory.Address)]
    [InlineData("date_of_birth", PersonalDataCategory.BirthDate)]
    [InlineData("DOB", PersonalDataCategory.BirthDate)]
    [InlineData("Geburtsdatum", PersonalDataCategory.BirthDate)]
    [InlineData("date_de_naissance", PersonalDataCategory.BirthDate)]
    [InlineData("fechaNacimiento", PersonalDataCategory.BirthDate)]
    [InlineData("ssn", PersonalDataCategory.NationalId)]
    [InlineData("passport_number", PersonalDataCategory.NationalId)]
    [InlineData("Steuernummer", PersonalDataCategory.NationalId)]
    [InlineData("creditCardNumber", PersonalDataCategory.PaymentCard)]
    [InlineData("tarjeta_credito", PersonalDataCategory.PaymentCard)]
    [InlineData("IBAN", PersonalDataCategory.Iban)]
    [InlineData("Kontonummer", PersonalDataCategory.Iban)]
    [InlineData("ip_address", PersonalDataCategory.IpAddress)]
    [InlineData("clientIP", PersonalDataCategory.IpAddress)]
    [InlineData("latitude", PersonalDataCategory.Location)]
    [InlineData("diagnosis", PersonalDataCategory.SpecialCategory)]
    [InlineData("blood_type", PersonalDataCategory.SpecialCategory)]
    [InlineData("Konfession", PersonalDataCategory.SpecialCategory)]
    [InlineData("orientation_sexuelle", PersonalDataCategory.SpecialCategory)]
    [InlineData("password_hash", PersonalDataCategory.Credential)]
    [InlineData("refreshToken", PersonalDataCategory.Credential)]
    [InlineData("mot_de_passe", PersonalDataCategory.Credential)]
    [InlineData("contraseña", PersonalDataCategory.Credential)]
    [InlineData("device_id", PersonalDataCategory.DeviceId)]
    [InlineData("userAgent", PersonalDataCategory.DeviceId)]
    [InlineData("nationality", PersonalDataCategory.Demographic)]
    [InlineData("Gehalt", PersonalDataCategory.Financial)]
    public void A_plain_word_is_told(string name, PersonalDataCategory category) => Assert.Equal(new NameMatch(category, true), PersonalDataNames.Match(name));

    [Theory]
    [InlineData("name", PersonalDataCategory.Name)]
    [InlineData("display_name", PersonalDataCategory.Name)]
    [InlineData("address", PersonalDataCategory.Address)]
    [InlineData("health", PersonalDataCategory.SpecialCategory)]
    [InlineData("token", PersonalDataCategory.Credential)]
    [InlineData("ip", PersonalDataCategory.IpAddress)]
    [InlineData("notes", PersonalDataCategory.FreeText)]
    public void A_word_that_means_other_things_too_is_weak(string name, PersonalDataCategory category) => Assert.Equal(new NameMatch(category, false), PersonalDataNames.Match(name));

    [Theory]
    [InlineData("email_sent_count")]
    [InlineData("email_template")]
    [InlineData("email_verified")]
    [InlineData("phone_confirmed_at")]
    [InlineData("phone_country_code")]
    [InlineData("password_policy")]
    [InlineData("token_count")]
    [InlineData("num_phones")]
    [InlineData("total_addresses")]
    [InlineData("health_check")]
    [InlineData("ship")]
    [InlineData("shipping")]
    [InlineData("script")]
    [InlineData("membership_level")]
    [InlineData("product_name")]
    [InlineData("file_name")]
    [InlineData("table_name")]
    [InlineData("company")]
    [InlineData("expand")]
    [InlineData("template")]
    [InlineData("emailing")]
    [InlineData("user_id")]
    [InlineData("id")]
    [InlineData("created_at")]
    [InlineData("country")]
    [InlineData("race_count")]
    [InlineData("latitude_precision")]
    [InlineData("locationAccuracy")]
    [InlineData("phone_model")]
    [InlineData("mobile_brand")]
    [InlineData("phone_os")]
    [InlineData("content_hash")]
    public void False_friends_announce_nothing(string name) => Assert.Null(PersonalDataNames.Match(name));

    [Theory]
    [InlineData("users", true)]
    [InlineData("CustomerContacts", true)]
    [InlineData("patient_notes", true)]
    [InlineData("Mitarbeiter", true)]
    [InlineData("products", false)]
    [InlineData("user_agents_seen", true)]
    [InlineData("error_logs", false)]
    public void Tables_about_people_are_known_by_their_names(string table, bool expected) => Assert.Equal(expected, PersonalDataNames.IsAboutPeople(table));

    [Theory]
    [InlineData("PII: do not export", true)]
    [InlineData("Personenbezogen, Art. 9", true)]
    [InlineData("données personnelles", true)]
    [InlineData("The personal best of a runner", false)]
    [InlineData(null, false)]
    public void A_comment_can_say_so(string? comment, bool expected) => Assert.Equal(expected, PersonalDataNames.SaysPersonal(comment));

    [Theory]
    [InlineData("last_login_ip_hash", PersonalDataCategory.IpAddress)]
    [InlineData("emailDigest", PersonalDataCategory.Email)]
    [InlineData("ssn_hmac", PersonalDataCategory.NationalId)]
    public void A_hash_is_known_as_one(string name, PersonalDataCategory category)
    {
        Assert.Equal(new NameMatch(category, false, IsHash: true), PersonalDataNames.Match(name));
        Assert.DoesNotContain(PersonalDataNames.KeyPatterns, pattern => Regex.IsMatch(PersonalDataNames.Normalise(name), pattern.Pattern));
    }

    [Theory]
    [InlineData("password_hash")]
    [InlineData("refresh_token_hash")]
    [InlineData("api_key_hash")]
    public void A_hash_of_a_credential_is_one(string name) => Assert.Equal(new NameMatch(PersonalDataCategory.Credential, true), PersonalDataNames.Match(name));

    // Those that the audit of the catalogue takes for sensitive are personal data here too.
    [Theory]
    [InlineData("password")]
    [InlineData("api_key")]
    [InlineData("session_token")]
    [InlineData("otp")]
    [InlineData("recovery_codes")]
    [InlineData("social_security_number")]
    [InlineData("passport_no")]
    [InlineData("tax_id")]
    [InlineData("iban")]
    [InlineData("card_number")]
    [InlineData("bank_account")]
    [InlineData("medical_record")]
    public void What_the_catalogue_audit_calls_sensitive_is_known(string name)
    {
        Assert.Matches(new Regex(SensitiveNames.Pattern, RegexOptions.IgnoreCase), name);
        Assert.True(PersonalDataNames.Match(name)!.IsStrong);
    }
}
