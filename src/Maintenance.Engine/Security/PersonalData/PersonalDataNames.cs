using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.PersonalData;

/// <summary>What a name announces.</summary>
/// <param name="Category">The kind of data.</param>
/// <param name="IsStrong">It says so plainly; else it could be something else just as well.</param>
/// <param name="IsHash">It is a hash of that: whom it is about is not plain, but can be found out by who guesses.</param>
internal sealed record NameMatch(PersonalDataCategory Category, bool IsStrong, bool IsHash = false);

/// <summary>
/// Words by which people name what is personal, in English, German, French and Spanish. One table serves names of columns here and names of keys
/// in JSON on the server, so that both read it the same way. Pure.
/// </summary>
internal static partial class PersonalDataNames
{
    // What comes after a word and makes it tell of something about it: email_sent_count is a count.
    private const string About =
        "count|counts|counter|num|total|sent|template|subject|status|state|type|kind|format|domain|provider|policy|version|verified|confirmed|enabled|disabled|valid|opt|optin|optout|"
        + "preference|preferences|setting|settings|length|limit|limits|attempt|attempts|expires|expiry|expiration|at|on|flag|notification|notifications|queue|job|batch|campaign|campaigns|server|host|port|"
        + "ttl|label|mask|prefix|suffix|regex|pattern|required|visible|order|rank|score|level|hint|source|seconds|days|checksum|ok|bounced|bounce|clicks|opens|changed|updated|created|code|codes|country|extension|ext|region|area|check|checks|endpoint|url|probe|percent|report|anzahl|gesendet|"
        + "precision|accuracy|uncertainty|radius|resolution|model|brand|make|carrier|tariff|os|genauigkeit|modell|modele|modelo|marke|marque|marca|"
        + "typ|nombre_de|envoye|enviado|tipo|estado|fecha|longueur|laenge";

    private const string Hashes = "hash|hashed|hashes|digest|hmac|md5|sha1|sha256|sha512";

    // What a name begins with when it counts or limits.
    private const string Counting = "num|count|total|max|min|avg|sum|default|n|nb|anzahl|cantidad";

    private static readonly (PersonalDataCategory Category, bool IsStrong, string Words)[] Table =
    [
        (PersonalDataCategory.Email, true, "e mail( (address|adresse))?|mail address|e mail adresse|mailadresse|adresse (mail|courriel)|courriel|correo( electronico)?|recipient e mail|mailto"),
        (PersonalDataCategory.Phone, true, "(tele)?phone( (number|no|nr))?|mobile( (number|no|phone|nr))|cell( phone)|cellphone|msisdn|fax( (number|no|nr))?|telefon(nummer)?|mobilnummer|handy( nummer|nummer)?|rufnummer|telephone|numero (de )?(telephone|telefono)|telefono|movil|whatsapp( number)?"),
        (PersonalDataCategory.Phone, false, "tel|mobile|portable|cell|contact number"),
        (PersonalDataCategory.Name, true, "(first|last|middle|full|family|given|maiden|sur|fore|nick|birth|legal|real) name|firstname|lastname|surname|fullname|forename|nickname|given names|user name|username|(customer|client|contact|patient|employee|person|member|guest|author|recipient|sender|owner|subscriber|applicant|candidate|student|teacher|doctor|cardholder|account holder|holder|signer|passenger|driver|tenant contact|emergency contact|spouse|guardian|beneficiary) name|cardholder|account holder|vorname|nachname|familienname|geburtsname|benutzername|kundenname|ansprechpartner|kontoinhaber|prenom|nom (de )?famille|nom (complet|utilisateur|client)|nombre (completo|cliente|usuario)|apellido|apellidos|primer nombre|segundo apellido|login name"),
        (PersonalDataCategory.Name, false, "^name$|^nom$|^nombre$|(display|preferred|child|parent) name|initials|login|salutation|anrede|alias"),
        (PersonalDataCategory.Address, true, "street( (address|name|no|number))?|(home|postal|mailing|billing|shipping|delivery|residential|invoice|work|permanent|current) address|address (line|street|city|zip)( ?[0-9])?|address[0-9]|house (no|number)|post code|postcode|postal code|zip( code)?|zipcode|strasse|hausnummer|hausnr|plz|postleitzahl|wohnort|anschrift|lieferadresse|rechnungsadresse|rue|code postal|direccion|calle|codigo postal|domicilio"),
        (PersonalDataCategory.Address, false, "address|adresse|city|town|ort|stadt|ville|ciudad|county|residence"),
        (PersonalDataCategory.BirthDate, true, "birth (date|day)|date of birth|birthdate|birthday|dob|born( on)?|year of birth|birth year|geburtsdatum|geburtstag|geb datum|geboren|date (de )?naissance|naissance|fecha (de )?nacimiento|nacimiento"),
        (PersonalDataCategory.NationalId, true, "ssn|social security( (number|no|nr))?|national (id|identity|insurance)( (number|no))?|nino|tax (id|number|payer id|identification( number)?)|taxpayer( id)?|passport( (number|no|nr|id))?|id card( (number|no))?|identity (card|number|document)( number)?|driv(er|ers|ing) licen[cs]e( (number|no))?|licen[cs]e plate|number plate|personalausweis( nummer|nummer)?|ausweisnummer|reisepass( nummer|nummer)?|steuer (id|nummer)|steuernummer|sozialversicherungsnummer|fuehrerschein( nummer)?|fuhrerschein|kennzeichen|numero (de )?securite sociale|insee|carte (d )?identite|passeport|permis (de )?conduire|dni|nif|curp|cpf|cedula|pasaporte|numero (de )?seguridad social|codice fiscale|bsn|pesel|personnummer|aadhaar|medicare( number)?|nhs (number|no)"),
        (PersonalDataCategory.NationalId, false, "tin|nie|nir|rfc"),
        (PersonalDataCategory.PaymentCard, true, "(credit|debit|payment|bank) card( (number|no|nr|num))?|card (number|no|num|pan)|cardnumber|card pan|pan (number|no)|cc (number|num|no)|ccnum|kreditkarte|kreditkartennummer|kartennummer|carte (bancaire|de credit|bleue)|numero (de )?(carte|tarjeta)|tarjeta( de)?( credito)?"),
        (PersonalDataCategory.PaymentCard, false, "pan|cvv|cvc|cvv2"),
        (PersonalDataCategory.Iban, true, "iban|bank (account|acct)( (number|no|nr))?|account (number|no|nr)|kontonummer|bankverbindung|compte bancaire|cuenta bancaria|numero (de )?(compte|cuenta)|routing number|sort code"),
        (PersonalDataCategory.IpAddress, true, "ip( ?addr(ess)?)|ipaddr|ipaddress|ipv4|ipv6|(client|remote|source|user|peer|login|sign in|last|visitor|origin) ip|remote addr(ess)?|x forwarded for|ip adresse|adresse ip|direccion ip"),
        (PersonalDataCategory.IpAddress, false, "ip"),
        (PersonalDataCategory.Location, true, "latitude|longitude|gps( (coordinates|position|location))?|geo ?(location|point|position|hash)|last (known )?(location|position)|current location|standort|breitengrad|laengengrad|langengrad|latitud|longitud|ubicacion"),
        (PersonalDataCategory.Location, false, "lat|lng|lon|coordinates?|coords|geo|location"),
        (PersonalDataCategory.SpecialCategory, true, "diagnos[ei]s|diagnose|diagnostico|medical( (record|history|condition|notes?|no|number))?|medication|medications|prescription|allerg(y|ies)|allergie|alergia|blood (type|group)|blutgruppe|groupe sanguin|grupo sanguineo|disabilit(y|ies)|disabled person|handicap|discapacidad|behinderung|schwerbehinder(ung|t)|pregnan(t|cy)|schwanger(schaft)?|grossesse|embarazo|hiv( status)?|vaccinat(ion|ed)( (status|date))?|vaccine|impf(ung|status)|illness|disease|krankheit|maladie|enfermedad|krankenkasse|krankmeldung|sick (leave|note)|befund|sante|salud|health (condition|data|record|insurance( number)?|issue|problem|info|history|notes?)|patient (notes?|history)|mental health|icd ?(10|9|code)|religion|religious( (belief|affiliation))?|konfession|creencia|faith|ethnicity|ethnic( (group|origin))?|ethnie|etnia|racial origin|race ethnicity|political( (opinion|view|affiliation|party))?|party membership|parteizugehoerigkeit|opinion politique|trade union|union (member|membership)|gewerkschaft|syndicat|sindicato|sexual( (orientation|preference|life))|sexual orientation|orientation sexuelle|orientacion sexual|sexuelle orientierung|genetic( data)?|genome|dna|dna sequence|biometric( (data|template|hash))?|biometrie|face (template|embedding|encoding|print)|faceprint|fingerprint (template|scan|image)|iris scan|voice ?print|retina scan|criminal( (record|conviction|history))?|conviction|vorstrafen?|casier judiciaire|antecedentes penales"),
        (PersonalDataCategory.SpecialCategory, false, "health|diagnostic|race|symptoms?|therapy|gesundheit|caste|tribe"),
        (PersonalDataCategory.Credential, true, "password|passwd|pwd|passphrase|pass ?word (hash|digest)|passcode|secret( (key|access key))?|client secret|api ?key|private key|access key|(access|refresh|session|bearer|auth|reset|recovery|confirmation|verification|invite|magic link|api|oauth|id|csrf|remember|login) token|token hash|otp|totp|mfa secret|two factor secret|recovery codes?|backup codes?|security answer|secret answer|pin code|passwort|kennwort|geheimnis|mot (de )?passe|motdepasse|contrasena|clave (secreta|acceso)"),
        (PersonalDataCategory.Credential, false, "token|pin|salt|session key|clave|mdp|pass"),
        (PersonalDataCategory.DeviceId, true, "device (id|identifier|uuid|token|fingerprint|serial)|udid|idfa|idfv|gaid|aaid|advertising id|android id|imei|imsi|iccid|mac( addr(ess)?)|macaddr|push token|fcm token|apns token|browser fingerprint|visitor id|cookie id|geraete id|user agent|useragent"),
        (PersonalDataCategory.DeviceId, false, "fingerprint|session id|client id|serial number|mac"),
        (PersonalDataCategory.Demographic, true, "gender|geschlecht|genre|genero|sexe|sexo|marital( status)?|familienstand|civil status|etat civil|estado civil|nationality|citizenship|staatsangehoerigkeit|nationalite|nacionalidad|place of birth|birth ?place|geburtsort|lieu (de )?naissance"),
        (PersonalDataCategory.Demographic, false, "sex|age|alter|edad|education|occupation|profession|beruf|job title|native language"),
        (PersonalDataCategory.Financial, true, "salary|salaries|wage|wages|income|payroll|credit (score|rating|limit)|schufa|gehalt|einkommen|lohn|salaire|revenu|salario|ingresos|net worth"),
        (PersonalDataCategory.Financial, false, "pension"),
        (PersonalDataCategory.Image, false, "photo|photo url|avatar|avatar url|picture|portrait|profile (image|picture|photo)( url)?|selfie|signature|unterschrift|passbild|foto"),
        (PersonalDataCategory.FreeText, false, "comment|comments|note|notes|remark|remarks|message|messages|body|bio|biography|about( me)?|feedback|review|description|free ?text|text|content|transcript|bemerkung|bemerkungen|notiz|notizen|kommentar|nachricht|beschreibung|commentaire|remarque|mensaje|comentario|observaciones|nota|notas|raw (request|payload)|payload|request body|metadata"),
    ];

    private static readonly (PersonalDataCategory Category, bool IsStrong, Regex Regex)[] Patterns =
        [.. Table.Select(row => (row.Category, row.IsStrong, new Regex(Pattern(row.Words), RegexOptions.CultureInvariant)))];

    /// <summary>Patterns for names of keys, by category: those words alone that say it plainly. For the server, over names in the form of <see cref="Normalise"/>.</summary>
    public static IReadOnlyList<(PersonalDataCategory Category, string Pattern)> KeyPatterns { get; } =
        [.. Table.Where(row => row.IsStrong).Select(row => (row.Category, Pattern(row.Words, HidesIn(row.Category) ? $"{About}|{Hashes}" : About)))];

    /// <summary>A name with its words apart: <c>_user_e_mail_</c>. Accents go.</summary>
    public static string Normalise(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var letter in name.Replace("ß", "ss", StringComparison.Ordinal).Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark)
            {
                plain.Append(letter);
            }
        }

        var words = Acronym().Replace(Camel().Replace(plain.ToString(), "$1_$2"), "$1_$2").ToLowerInvariant();
        return $"_{Other().Replace(words, "_").Trim('_')}_";
    }

    /// <summary>What a name announces: the longest of the words in it decides. Null if nothing.</summary>
    public static NameMatch? Match(string name)
    {
        var normal = Normalise(name);
        NameMatch? best = null;
        var length = 0;
        foreach (var (category, strong, regex) in Patterns)
        {
            foreach (var match in regex.EnumerateMatches(normal))
            {
                if (match.Length > length || (match.Length == length && strong && best is { IsStrong: false }))
                {
                    (best, length) = (new NameMatch(category, strong), match.Length);
                }
            }
        }

        // Of what somebody wrote a hash tells nothing.
        return best is null || !HidesIn(best.Category) || !Hash().IsMatch(normal) ? best
            : best.Category == PersonalDataCategory.FreeText ? null : new NameMatch(best.Category, false, IsHash: true);
    }

    // A hash of a password lets somebody in who finds the password; a hash of what a body is like is meant to tell whose it is.
    private static bool HidesIn(PersonalDataCategory category) => category is not (PersonalDataCategory.Credential or PersonalDataCategory.SpecialCategory);

    /// <summary>The table is about people, by its name.</summary>
    public static bool IsAboutPeople(string table) => People().IsMatch(Normalise(table));

    /// <summary>A comment that says that something is personal.</summary>
    public static bool SaysPersonal(string? comment) => comment is not null && Personal().IsMatch(comment);

    // Blanks between words may be missing in a name, and a word may stand in the plural.
    private static string Pattern(string words, string about = About)
    {
        var alternatives = words.Replace(" ", "_?", StringComparison.Ordinal);
        var whole = alternatives.Split('|').Where(word => word.StartsWith('^')).Select(word => word.Trim('^', '$')).ToArray();
        var inner = string.Join('|', Split(alternatives).Where(word => !word.StartsWith('^')));
        var inside = $"(?:{inner.Replace("(", "(?:", StringComparison.Ordinal)})(?:e?s)?_(?!(?:[a-z0-9]+_)*(?:{about})_)";
        var begin = $"(?<!^_(?:{Counting})(?:_[a-z0-9]+)*)_{inside}";
        return whole.Length == 0 ? begin : $"{begin}|^_(?:{string.Join('|', whole)})_$";
    }

    private static IEnumerable<string> Split(string alternatives)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < alternatives.Length; i++)
        {
            depth += alternatives[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (alternatives[i] == '|' && depth == 0)
            {
                yield return alternatives[start..i];
                start = i + 1;
            }
        }

        yield return alternatives[start..];
    }

    [GeneratedRegex("([a-z0-9])([A-Z])")]
    private static partial Regex Camel();

    [GeneratedRegex("([A-Z]+)([A-Z][a-z])")]
    private static partial Regex Acronym();

    [GeneratedRegex($"_(?:{Hashes})_$")]
    private static partial Regex Hash();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();

    [GeneratedRegex("_(users?|accounts?|profiles?|customers?|clients?|contacts?|people|persons?|patients?|employees?|members?|guests?|authors?|subscribers?|applicants?|candidates?|students?|teachers?|staff|leads?|donors?|volunteers?|beneficiar(y|ies)|passengers?|drivers?|residents?|citizens?|voters?|kunden?|benutzer|nutzer|personen?|mitarbeiter(innen)?|mitglied(er)?|patienten?|kontakte?|utilisateurs?|clientes?|personnes?|employes?|usuarios?|personas?|empleados?|contactos?|pacientes?)_")]
    private static partial Regex People();

    [GeneratedRegex(@"\b(pii|phi|personal (data|information)|personally identif|personenbezogen|donn[ée]es? personnelles?|datos personales|sensitive personal|data subject)", RegexOptions.IgnoreCase)]
    private static partial Regex Personal();
}
