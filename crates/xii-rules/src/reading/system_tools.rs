//! Programs outside the language's own packages: which system packages bring them, which language
//! packages are only a way to call them, and which base images have them.

use crate::images::Weight;

/// A program that a minimal system does not have.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its names.
    pub(crate) programs: &'static [&'static str],
    /// Beginnings of the names of system packages that bring it.
    pub(crate) packages: &'static [&'static str],
    /// Whether the full images of languages (built on buildpack-deps) have it.
    pub(crate) in_full: bool,
    /// Packages of the app's language that bring the program with them.
    pub(crate) bundled: &'static [&'static str],
    /// Packages of the app's language that only call the program.
    pub(crate) callers: &'static [&'static str],
}

const fn tool(
    programs: &'static [&'static str],
    packages: &'static [&'static str],
    in_full: bool,
) -> Tool {
    Tool {
        programs,
        packages,
        in_full,
        bundled: &[],
        callers: &[],
    }
}

/// The programs that are known.
pub(crate) static TOOLS: &[Tool] = &[
    Tool {
        programs: &["ffmpeg", "ffprobe"],
        packages: &["ffmpeg"],
        in_full: false,
        bundled: &[
            "ffmpeg-static",
            "@ffmpeg-installer/ffmpeg",
            "ffprobe-static",
            "imageio-ffmpeg",
            "static-ffmpeg",
        ],
        callers: &["fluent-ffmpeg", "ffmpeg-python", "pydub"],
    },
    Tool {
        programs: &["convert", "magick", "identify", "mogrify", "montage"],
        packages: &["imagemagick", "graphicsmagick"],
        in_full: true,
        bundled: &[],
        callers: &["gm", "imagemagick", "wand"],
    },
    Tool {
        programs: &["git"],
        packages: &["git"],
        in_full: true,
        bundled: &["dugite"],
        callers: &["simple-git", "gitpython"],
    },
    Tool {
        programs: &[
            "pdftotext",
            "pdftoppm",
            "pdfinfo",
            "pdfimages",
            "pdftocairo",
        ],
        packages: &["poppler"],
        in_full: false,
        bundled: &[],
        callers: &["pdf2image", "pdf-poppler", "node-poppler"],
    },
    Tool {
        programs: &["tesseract"],
        packages: &["tesseract"],
        in_full: false,
        bundled: &[],
        callers: &["pytesseract", "node-tesseract-ocr", "ocrmypdf"],
    },
    Tool {
        programs: &["wkhtmltopdf", "wkhtmltoimage"],
        packages: &["wkhtmltopdf", "wkhtmltox"],
        in_full: false,
        bundled: &[
            "wkhtmltopdf-installer",
            "wkhtmltox",
            "django-wkhtmltopdf-binary",
        ],
        callers: &["imgkit", "django-wkhtmltopdf", "node-wkhtmltopdf"],
    },
    Tool {
        programs: &["curl"],
        packages: &["curl"],
        in_full: true,
        bundled: &[],
        callers: &[],
    },
    tool(&["wget"], &["wget"], true),
    tool(&["gs", "ghostscript"], &["ghostscript"], false),
    tool(
        &["soffice", "libreoffice", "unoconv"],
        &["libreoffice", "unoconv"],
        false,
    ),
    tool(
        &["pg_dump", "pg_restore", "pg_dumpall", "psql", "pg_isready"],
        &["postgresql"],
        false,
    ),
    tool(
        &["mysqldump", "mysql", "mysqladmin"],
        &["default-mysql-client", "mysql-client", "mariadb-client"],
        false,
    ),
    tool(
        &["mongodump", "mongorestore", "mongosh", "mongoexport"],
        &["mongodb", "mongo-tools"],
        false,
    ),
    tool(&["redis-cli"], &["redis"], false),
    tool(&["ping"], &["iputils", "inetutils-ping"], false),
    tool(
        &["dig", "nslookup", "host"],
        &["dnsutils", "bind-tools", "bind9", "knot-dnsutils"],
        false,
    ),
    tool(&["traceroute"], &["traceroute", "inetutils"], false),
    tool(&["nmap"], &["nmap"], false),
    tool(
        &["ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan"],
        &["openssh"],
        true,
    ),
    tool(&["rsync"], &["rsync"], false),
    tool(&["zip"], &["zip"], false),
    tool(&["unzip"], &["unzip"], true),
    tool(&["7z", "7za"], &["p7zip", "7zip"], false),
    tool(&["unrar"], &["unrar"], false),
    tool(
        &["exiftool"],
        &["libimage-exiftool-perl", "exiftool"],
        false,
    ),
    tool(&["optipng"], &["optipng"], false),
    tool(&["pngquant"], &["pngquant"], false),
    tool(&["jpegoptim"], &["jpegoptim"], false),
    tool(&["gifsicle"], &["gifsicle"], false),
    tool(&["cwebp", "dwebp"], &["webp", "libwebp-tools"], false),
    tool(&["inkscape"], &["inkscape"], false),
    tool(&["rsvg-convert"], &["librsvg"], false),
    tool(&["dot", "neato"], &["graphviz"], false),
    tool(&["pandoc"], &["pandoc"], false),
    tool(
        &["pdflatex", "xelatex", "lualatex", "latexmk"],
        &["texlive"],
        false,
    ),
    tool(
        &["chromium", "chromium-browser", "google-chrome"],
        &["chromium", "google-chrome"],
        false,
    ),
    tool(&["xvfb-run", "Xvfb"], &["xvfb", "xorg-server"], false),
    tool(&["docker"], &["docker"], false),
    tool(&["kubectl"], &["kubectl", "kubernetes"], false),
    tool(&["helm"], &["helm"], false),
    tool(&["aws"], &["awscli", "aws-cli"], false),
    tool(&["gcloud", "gsutil"], &["google-cloud"], false),
    tool(&["terraform"], &["terraform"], false),
    tool(&["ansible", "ansible-playbook"], &["ansible"], false),
    tool(&["gpg", "gpg2"], &["gnupg", "gpg"], true),
    tool(&["qpdf"], &["qpdf"], false),
    tool(&["unpaper"], &["unpaper"], false),
    tool(&["sox"], &["sox"], false),
    tool(&["espeak"], &["espeak"], false),
    tool(&["jq"], &["jq"], false),
    tool(
        &["sendmail", "mail", "mailx"],
        &["sendmail", "mailutils", "msmtp", "postfix", "ssmtp"],
        false,
    ),
    tool(&["crontab"], &["cron"], false),
    tool(&["smbclient"], &["smbclient", "samba"], false),
    tool(&["svn"], &["subversion"], true),
    tool(&["hg"], &["mercurial"], true),
];

/// The tool that a program belongs to.
pub(crate) fn of_program(program: &str) -> Option<&'static Tool> {
    let name = program.rsplit('/').next().unwrap_or(program);
    TOOLS.iter().find(|tool| tool.programs.contains(&name))
}

impl Tool {
    /// Its usual name.
    pub(crate) fn name(&self) -> &'static str {
        self.programs.first().copied().unwrap_or_default()
    }

    /// The system package to install.
    pub(crate) fn package(&self) -> &'static str {
        match self.packages.first().copied().unwrap_or_default() {
            "poppler" => "poppler-utils",
            "tesseract" => "tesseract-ocr",
            "postgresql" => "postgresql-client",
            "redis" => "redis-tools",
            "openssh" => "openssh-client",
            "iputils" => "iputils-ping",
            "librsvg" => "librsvg2-bin",
            package => package,
        }
    }

    /// Whether a base of this weight has it without being asked.
    pub(crate) fn comes_with(&self, weight: Weight) -> bool {
        weight == Weight::Full && self.in_full
    }
}
